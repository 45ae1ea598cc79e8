# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Completion of reapctl(1) for bash.

# Directories below the hierarchy, one level at a time. Their names are arguments of one word each,
# whatever is in them: readline puts in the backslashes that this takes, and they come back with the
# next word.
_reapctl_cgroups() {
    local root=/sys/fs/cgroup begun=$1 path
    if [[ $begun == \'* ]]; then
        begun=${begun#\'}
    else
        # shellcheck disable=SC2162 # Its work is to take the backslashes away.
        IFS= read begun <<<"${begun#\"}"
    fi
    for path in "$root/${begun#/}"*/; do
        path=${path%/}
        [ ! -d "$path" ] || COMPREPLY+=("${path#"$root"}")
    done
    compopt -o filenames 2>/dev/null
}

_reapctl_rules() {
    reapctl rules --no-legend --no-pager 2>/dev/null | while read -r name _; do
        printf '%s\n' "$name"
    done
}

_reapctl_events() {
    reapctl history -n 20 --no-legend --no-pager 2>/dev/null | while read -r _ _ _ id _; do
        printf '%s\n' "$id"
    done
}

_reapctl_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }

_reapctl() {
    local verbs='status top rules watched explain history features monitor dump kill freeze thaw
        check adopt release'
    local options='-h --help --version --no-pager --no-legend --json= -j'
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb='' i
    COMPREPLY=()

    # "--json=p" comes as three words.
    [ "$word" != '=' ] || word=''
    [ "$before" != '=' ] || before=${COMP_WORDS[COMP_CWORD - 2]}

    case $before in
        --json) _reapctl_words 'pretty short off' "$word" && return ;;
        -M | --machine)
            _reapctl_words "$(machinectl list --no-legend 2>/dev/null | cut -d ' ' -f 1)" "$word"
            return
            ;;
        --root | -D | --directory)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            return
            ;;
        -S | --since | -U | --until) _reapctl_words 'today yesterday -1h' "$word" && return ;;
        -n | --lines | -d | --delay | --iterations | --reason) return ;;
    esac

    for ((i = 1; i < COMP_CWORD; i++)); do
        case " ${verbs//[[:space:]]/ } " in
            *" ${COMP_WORDS[i]} "*) verb=${COMP_WORDS[i]} && break ;;
        esac
    done
    case $verb in
        top | history | check | adopt | release) ;; # of this machine only
        *) options+=' -M --machine=' ;;
    esac
    case $verb in
        check) options+=' --root=' ;;
        history) options+=' -S --since= -U --until= -n --lines= -f --follow -D --directory=' ;;
        kill) options+=' --no-ask-password --reason=' ;;
        freeze | thaw) options+=' --no-ask-password' ;;
        top) options+=' -b --batch --iterations= -d --delay=' ;;
    esac

    if [ "${word#-}" != "$word" ]; then
        _reapctl_words "$options" "$word"
    else
        case $verb in
            '') _reapctl_words "$verbs" "$word" ;;
            kill | freeze | thaw) _reapctl_cgroups "$word" ;;
            explain)
                if [[ $word == */* ]]; then
                    _reapctl_cgroups "$word"
                else
                    _reapctl_words "$(_reapctl_rules)" "$word"
                fi
                ;;
            history) _reapctl_words "$(_reapctl_events)" "$word" ;;
            check) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        esac
    fi
    case ${COMPREPLY[0]-} in
        *= | /*) compopt -o nospace 2>/dev/null ;;
    esac
    return 0
}

complete -F _reapctl reapctl
