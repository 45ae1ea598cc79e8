// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A busy loop: whoever shares its processor at a lower priority starves.

int main(void) {
    for (volatile unsigned n = 0;; n++)
        ;
}
