#compdef reapctl
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion of reapctl(1) for zsh.

_reapctl_verbs() {
    local -a verbs=(
        'status:is it working, what does it watch, what happened last'
        'top:the same live'
        'rules:the rules in force'
        'watched:the cgroups whose pressure counts'
        'explain:who would be chosen now, or why one would or would not'
        'history:what it did, from the journal'
        'features:what kernel and privileges allow'
        'monitor:what reapd says on the bus'
        'dump:everything reapd knows, as JSON'
        'kill:kill a cgroup and take its memory back'
        'freeze:stop cgroups where they are'
        'thaw:let frozen cgroups go on'
        'check:what is wrong with the settings'
        'adopt:put reapd in the place of systemd-oomd'
        'release:hand the machine back to systemd-oomd'
    )
    _describe -t verbs verb verbs
}

_reapctl_cgroups() { _path_files -/ -W /sys/fs/cgroup -P /; }

_reapctl_rules() {
    local -a rules=(${${(f)"$(reapctl rules --no-legend --no-pager 2>/dev/null)"}%% *})
    _describe -t rules rule rules
}

_reapctl_events() {
    local line
    local -a events
    for line in ${(f)"$(reapctl history -n 20 --no-legend --no-pager 2>/dev/null)"}; do
        events+=(${${(z)line}[4]})
    done
    _describe -t events event events
}

_reapctl_machines() {
    local -a machines=(${${(f)"$(machinectl list --no-legend 2>/dev/null)"}%% *})
    _describe -t machines machine machines
}

_reapctl() {
    local context state state_descr line verb
    typeset -A opt_args
    local -a verbs=(status top rules watched explain history features monitor dump kill freeze thaw
        check adopt release)
    verb=${${words:*verbs}[1]}
    local -a options=(
        '(- *)'{-h,--help}'[a short help]'
        '(- *)--version[the version]'
        '--no-pager[no pager]'
        '--no-legend[no headings and no totals]'
        '(-j)--json=[JSON]:mode:(pretty short off)'
        '(--json)-j[JSON as fits the output]'
    )
    case $verb in
        top|history|check|adopt|release) ;; # of this machine only
        *) options+=('(-M --machine)'{-M+,--machine=}'[a container]:machine:_reapctl_machines') ;;
    esac
    case $verb in
        check) options+=('--root=[settings below a path]:path:_files -/') ;;
        history)
            options+=(
                '(-S --since)'{-S+,--since=}'[nothing older]:time:(today yesterday -1h)'
                '(-U --until)'{-U+,--until=}'[nothing newer]:time:(today yesterday -1h)'
                '(-n --lines)'{-n+,--lines=}'[only the newest]:number:'
                '(-f --follow)'{-f,--follow}'[stay and print what comes]'
                '(-D --directory)'{-D+,--directory=}'[journal files]:path:_files -/'
            )
            ;;
        kill)
            options+=(
                '--no-ask-password[ask nobody for a password]'
                '--reason=[what the journal says of it]:text:'
            )
            ;;
        freeze|thaw) options+=('--no-ask-password[ask nobody for a password]') ;;
        top)
            options+=(
                '(-b --batch)'{-b,--batch}'[print instead of drawing]'
                '--iterations=[end after so many]:number:'
                '(-d --delay)'{-d+,--delay=}'[time between two looks]:span:'
            )
            ;;
    esac
    _arguments -S $options '1: :_reapctl_verbs' '*: :->argument' && return
    case $verb in
        kill | freeze | thaw) _reapctl_cgroups ;;
        explain) _alternative 'rules:rule:_reapctl_rules' 'cgroups:cgroup:_reapctl_cgroups' ;;
        history) _reapctl_events ;;
        check) _files ;;
    esac
}

_reapctl "$@"
