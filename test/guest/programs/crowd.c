// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Usage: crowd CLIENTS SECONDS RULE [deaf]
//
// So many clients of org.reapd1, each on a connection of its own, call ListCandidates(RULE) in a
// loop for so long. With "deaf" they send calls, of ListEvents as well, as fast as the bus takes
// them and never read.
// Prints "calls N answers N errors N".

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <time.h>

static const char* rule;
static unsigned long calls, answers, errors;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int ask(sd_bus* bus, bool deaf);

static int on_answer(sd_bus_message* reply, void* bus, sd_bus_error* error) {
    (void)error;
    if (sd_bus_message_is_method_error(reply, NULL))
        ++errors;
    else
        ++answers;
    return ask(bus, false);
}

static int ask(sd_bus* bus, bool deaf) {
    const bool history = deaf && calls % 2 == 1;
    uint64_t cookie = 0; // Without, libsystemd would say that no reply is expected.
    sd_bus_message* call = NULL;
    int r = sd_bus_message_new_method_call(bus, &call, "org.reapd1", "/org/reapd1",
                                           "org.reapd1.Manager",
                                           history ? "ListEvents" : "ListCandidates");
    if (r >= 0)
        r = history ? sd_bus_message_append(call, "tu", UINT64_C(0), 0U)
                    : sd_bus_message_append(call, "s", rule);
    if (r >= 0)
        r = deaf ? sd_bus_send(bus, call, &cookie)
                 : sd_bus_call_async(bus, NULL, call, on_answer, bus, UINT64_MAX);
    sd_bus_message_unref(call);
    ++calls;
    return r < 0 ? r : 0;
}

int main(int argc, char* argv[]) {
    if (argc < 4)
        return 2;
    const int clients = atoi(argv[1]);
    const double end = now() + atof(argv[2]);
    rule = argv[3];
    const bool deaf = argc > 4 && strcmp(argv[4], "deaf") == 0;

    sd_event* loop = NULL;
    sd_bus** buses = calloc((size_t)clients, sizeof *buses);
    if (buses == NULL || sd_event_new(&loop) < 0)
        return 1;
    for (int i = 0; i < clients; ++i) {
        if (sd_bus_open_system(&buses[i]) < 0) {
            fprintf(stderr, "crowd: connection %d is refused\n", i + 1);
            return 1;
        }
        if (!deaf && (sd_bus_attach_event(buses[i], loop, 0) < 0 || ask(buses[i], false) < 0))
            return 1;
    }
    while (now() < end) {
        if (!deaf) {
            sd_event_run(loop, 100000);
            continue;
        }
        for (int i = 0; i < clients; ++i) {
            uint64_t waiting = 0;
            if (sd_bus_get_n_queued_write(buses[i], &waiting) >= 0 && waiting < 16)
                ask(buses[i], true);
            else
                sd_bus_flush(buses[i]);
        }
    }
    printf("calls %lu answers %lu errors %lu\n", calls, answers, errors);
    return 0;
}
