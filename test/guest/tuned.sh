# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Killers and their settings for bench-onset: KILLER is as its authors set it, KILLER-tight as sharp as
# it can be made for a workload in test.slice. The kernel has no settings.
#
#   reapd              the rules it is shipped with
#   reapd-tight        MemoryPressureFull=10% 500ms, on the machine together with
#                      MemoryAvailable=<20%
#   systemd-oomd       60 % for 30 s on test.slice and system.slice, 90 % of the swap
#   systemd-oomd-tight 5 % for 1 s, 50 % of the swap
#   oomd               60 % for 30 s on test.slice, 10 % of swap free, every 5 s
#   oomd-tight         5 % for 1 s, 50 % of swap free, every second, no pause after a kill
#   earlyoom           SIGTERM at 10 % of memory and of swap, SIGKILL at 5 %
#   earlyoom-tight     SIGTERM at 20 % of memory, SIGKILL at 15 %, whatever the swap
#   nohang             as shipped: 5 % of memory and 10 % of swap; no pressure
#   nohang-tight       full avg10 of 5 and 10 %, 20 and 15 % of memory, whatever the swap

put() { # FILE, from standard input
    mkdir -p "$(dirname "$1")"
    cat >"$1"
}

tune_reapd() { # WORKLOAD
    printf '[Reapd]\nManagedOOM=no\n' | put /etc/reapd/reapd.conf
    rm -rf /etc/reapd/rules.d
}

tune_reapd_tight() {
    local watch=test.slice amount=''
    tune_reapd "$1"
    only_my_rules
    if [ "$1" = unlimited ]; then
        watch=/ amount='MemoryAvailable=<20%'
    fi
    write_rule bench <<RULE
[Rule]
Watch=$watch
[When]
MemoryPressureFull=10% 500ms
$amount
RULE
}

oomd_of_systemd() { # PRESSURE DURATION SWAP
    rm -f /etc/systemd/{oomd.conf.d,system/-.slice.d,system/user@.service.d}/10-oomd-*.conf # masks
    put /etc/systemd/oomd.conf.d/99-bench.conf <<CONF
[OOM]
SwapUsedLimit=$3
DefaultMemoryPressureLimit=$1
DefaultMemoryPressureDurationSec=$2
CONF
    local slice
    for slice in test.slice system.slice; do
        printf '[Slice]\nManagedOOMMemoryPressure=kill\n' | put /run/systemd/system/$slice.d/50-bench.conf
    done
    printf '[Slice]\nManagedOOMSwap=kill\n' | put /run/systemd/system/-.slice.d/50-bench.conf
    systemctl daemon-reload
}

tune_systemd_oomd() { oomd_of_systemd 60% 30s 90%; }
tune_systemd_oomd_tight() { oomd_of_systemd 5% 1s 50%; }

oomd_of_meta() { # PRESSURE SECONDS SWAP_FREE INTERVAL ARGUMENTS
    local targets='"cgroup": "test.slice/*,system.slice/*"'
    put /etc/oomd/oomd.json <<JSON
{"rulesets": [
  {"name": "pressure",
   "detectors": [["p", {"name": "pressure_above", "args": {"cgroup": "test.slice",
     "resource": "memory", "threshold": "$1", "duration": "$2"}}]],
   "actions": [{"name": "kill_by_memory_size_or_growth", "args": {$targets$5}}]},
  {"name": "swap",
   "detectors": [["s", {"name": "swap_free", "args": {"threshold_pct": "$3"}}]],
   "actions": [{"name": "kill_by_swap_usage", "args": {$targets$5}}]}]}
JSON
    put /etc/default/oomd <<<"DAEMON_OPTS=\"--interval $4 --config /etc/oomd/oomd.json\""
}

tune_oomd() { oomd_of_meta 60 30 10 5 ''; }
tune_oomd_tight() { oomd_of_meta 5 1 50 1 ', "post_action_delay": "0"'; }

tune_earlyoom() { put /etc/default/earlyoom <<<'EARLYOOM_ARGS="-r 3600"'; }
tune_earlyoom_tight() { put /etc/default/earlyoom <<<'EARLYOOM_ARGS="-r 0 -m 20,15 -s 100,100"'; }

shipped_nohang() {
    [ -e /run/nohang.conf ] || cp /etc/nohang/nohang.conf /run/nohang.conf
    cp /run/nohang.conf /etc/nohang/nohang.conf
}

tune_nohang() { shipped_nohang; }

tune_nohang_tight() { # WORKLOAD
    local pair
    shipped_nohang
    for pair in 'psi_checking_enabled True' 'psi_excess_duration 0' 'psi_post_action_delay 10' \
        'soft_threshold_max_psi 5' 'hard_threshold_max_psi 10' 'soft_threshold_min_mem 20 %' \
        'hard_threshold_min_mem 15 %' 'soft_threshold_min_swap 100 %' \
        'hard_threshold_min_swap 100 %' 'max_sleep 0.1' 'min_sleep 0.01' \
        'max_soft_exit_time 0.1' 'post_soft_action_delay 0.1'; do
        sed -i "s/^${pair%% *}\s*=.*/${pair%% *} = ${pair#* }/" /etc/nohang/nohang.conf
    done
    [ "$1" = unlimited ] ||
        sed -i 's|^psi_path\s*=.*|psi_path = /sys/fs/cgroup/test.slice/memory.pressure|' /etc/nohang/nohang.conf
}

tune_kernel() { :; }

# tune KILLER WORKLOAD
tune() {
    local name=${1//-/_}
    "tune_$name" "$2"
}

# unit_of KILLER: its service without its settings.
unit_of() { echo "${1%-tight}.service"; }
