#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: completion.sh REAPCTL BASH_COMPLETION ZSH_COMPLETION
#
# Asks bash and zsh what they would complete: all verbs and options that reapctl has and no others,
# each option where it is of use, names that only the daemon knows, and names of cgroups so that
# reapctl gets each as it is.
set -eu
export LC_ALL=C

reapctl=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/zsh"
mkdir -p "$work/cgroup/system.slice/system-systemd\\x2dfsck.slice/fsck@dev-sda\\x2d1.service" \
    "$work/cgroup/system.slice/two  words.service" "$work/cgroup/system.slice/it's (mine)&co.service"
sed "s,/sys/fs/cgroup,$work/cgroup," "$2" >"$work/completion.bash"
sed "s,/sys/fs/cgroup,$work/cgroup," "$3" >"$work/zsh/_reapctl"
cat >"$work/bin/reapctl" <<'END'
#!/bin/sh
case $1 in
    rules) printf '10-machine  full 20%% 1s\n20-slice  full 10%% 1s\n' ;;
    history) echo 'Thu 1970-01-01 00:16:40  17  kill' ;;
    explain | kill) printf '%s\n' "$2" >>"$TYPED" ;;
esac
END
chmod +x "$work/bin/reapctl"

# Each on one line, however many it takes on a screen.
help() { "$reapctl" --help | sed -n "/^$1:/,/^\$/p" | sed '1d' | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n \{15,\}/ /g'; }
help Verbs | sed -n 's/^  \([a-z]*\).*/\1/p' | sort >"$work/verbs"
help Options | sed 's/  *[^ -].*(\([a-z ]*\))$/  (\1)/' >"$work/options"
[ -s "$work/verbs" ]
[ -s "$work/options" ]

# options_of VERB: those that the help gives it
options_of() {
    help Options | awk -v verb="$1" '{
        only = match($0, /\([a-z ]+\)$/) ? substr($0, RSTART + 1, RLENGTH - 2) : ""
        if (only == "" || index(" " only " ", " " verb " "))
            for (i = 1; i <= 2; i++)
                if ($i ~ /^-/) { sub(/=.*/, "", $i); print $i }
    }' | sort -u
}

failed=0
# expect WHAT: compares $work/expected with $work/got
expect() {
    diff "$work/expected" "$work/got" || {
        echo "^ $shell: $*"
        failed=1
    }
}

in_bash() {
    PATH=$work/bin:$PATH bash --norc --noprofile -c '
        . "$1"
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _reapctl
        printf "%s\n" "${COMPREPLY[@]}"' - "$completion" "$@" | sed 's/=$//' | sort -u
}

in_zsh() {
    PATH=$work/bin:$PATH zsh -f "$work/ask" "$work/zsh" "$*" | sed 's/=$//' | sort -u
}

# A zsh with its line editor in a pseudo terminal: what it would add is printed instead.
cat >"$work/ask" <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= RPROMPT= ; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
# What is typed comes back as an echo, so no mark is typed in one piece.
zpty -w shell '
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-[OAD]* ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -A hits "$@"
    local hit
    for hit in $hits; print -r -- "h""it:$hit"
    return 1
}
ask_() { _main_complete; print -r -- "e""nd:" }
zle -C ask complete-word ask_
bindkey "^I" ask
zle-line-init() { print -r -- "rea""dy:" }; zle -N zle-line-init'
zpty -r -m shell line "*ready:*"
zpty -w -n shell "$2"$'\t'
zpty -r -m shell all "*end:*"
for line in ${(f)all}; do
    line=${line%$'\r'}
    [[ $line != *hit:* ]] || print -r -- ${line##*hit:}
done
zpty -d shell
END

# typed_in_SHELL LINE: the argument that reapctl gets when this and a tab are typed
typed_in_bash() {
    printf '. %s\n%s\t\n' "$completion" "$*" |
        PATH=$work/bin:$PATH bash --norc --noprofile -i >"$work/screen" 2>&1
}
typed_in_zsh() {
    PATH=$work/bin:$PATH timeout 60 zsh -f "$work/type" "$work/zsh" "$*" >"$work/screen" 2>&1
}
cat >"$work/type" <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= RPROMPT= ; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell 'zle-line-init() { print -r -- "rea""dy:" }; zle -N zle-line-init'
zpty -r -m shell line "*ready:*"
zpty -w shell "$2"$'\t'
zpty -r -m shell line "*ready:*"
print -r -- "$line"
zpty -d shell
END
export TYPED=$work/typed

# typed LINE EXPECTED
typed() {
    : >"$TYPED"
    "typed_in_$shell" "$1"
    printf '%s\n' "$2" >"$work/expected"
    cp "$TYPED" "$work/got"
    expect "the argument of \"$1\""
}

ask_all() {
    cp "$work/verbs" "$work/expected"
    "in_$shell" reapctl '' >"$work/got"
    expect "the verbs"
    local verb
    for verb in status check history kill thaw top; do
        options_of $verb >"$work/expected"
        { "in_$shell" reapctl $verb - ; "in_$shell" reapctl $verb --; } | sort -u >"$work/got"
        expect "the options of $verb"
    done
    printf '%s\n' 10-machine 20-slice >"$work/expected"
    "in_$shell" reapctl explain '' | grep -xE '[0-9]+-[a-z]+' >"$work/got" || true
    expect "the rules"
    echo 17 >"$work/expected"
    "in_$shell" reapctl history '' >"$work/got"
    expect "the events"
    local fsck='/system.slice/system-systemd\x2dfsck.slice'
    typed 'reapctl explain /system.slice/sys' "$fsck"
    # zsh itself finds nothing behind a backslash in the name of a directory.
    [ $shell = zsh ] || typed 'reapctl explain /system.slice/system-systemd\\x2dfsck.slice/f' \
        "$fsck/fsck@dev-sda\\x2d1.service"
    typed 'reapctl kill system.slice/tw' '/system.slice/two  words.service'
    typed 'reapctl kill /system.slice/it' "/system.slice/it's (mine)&co.service"
}

shell=bash completion=$work/completion.bash
ask_all
printf '%s\n' off pretty short >"$work/expected"
in_bash reapctl status --json = '' >"$work/got"
expect "the forms of JSON"
echo status >"$work/expected"
in_bash reapctl sta >"$work/got"
expect "a verb that has begun"

if command -v zsh >/dev/null; then
    shell=zsh
    ask_all
    printf '%s\n' off pretty short >"$work/expected"
    in_zsh reapctl status --json= >"$work/got"
    expect "the forms of JSON"
else
    echo "zsh is not here"
fi
exit $failed
