#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: broken.sh REAPCTL FOLDER
#
# Runs "reapctl check" over a copy of FOLDER and what no repository can hold: a file of 10 MB, one
# without permissions, and things that are no files. FOLDER/expected has every message of all of
# them, in order: FILE<TAB>LINE<TAB>SEVERITY: TEXT, line 0 for the file as a whole. A message that
# is other, missing or too many fails, and so does a file without any.
set -eu
export LC_ALL=C

work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
reapctl=$work/reapctl
cp "$1" "$reapctl"
cp -R "$2" "$work/broken"
cd "$work"
mv broken/expected .

# The cgroups that globs may match
mkdir -p tree/sys/fs/cgroup/system.slice/a.service tree/sys/fs/cgroup/user.slice

mkdir broken/a0-directory.rule
mkdir broken/a1-directory.conf
mkfifo broken/a2-fifo.rule
ln -s nowhere broken/a3-dangling.rule
ln -s a4-loop.rule broken/a4-loop.rule
head -c 10M /dev/zero | tr '\0' '#' >broken/a5-large.rule
ln -s /dev/null broken/a6-masked.rule
ln -s /dev/zero broken/a7-device.rule
echo '# not for you' >broken/a8-unreadable.rule
chmod 0 broken/a8-unreadable.rule
echo '# no settings' >README

# Root may read everything.
as_anybody() { timeout 60 "$@"; }
if [ "$(id -u)" = 0 ]; then
    chmod a+rx . reapctl
    as_anybody() { timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
fi

status=0
as_anybody ./reapctl check --root=tree broken broken/80-dropped.rule.d \
    broken/gone.rule README >said || status=$?
if [ $status -ne 1 ]; then
    echo "reapctl check ended with $status, expected 1"
    exit 1
fi

awk -F '\t' '/^#/ { next }
             { print $1 ($2 > 0 ? ":" $2 : "") ": " $3
               if ($3 ~ /^error: /) ++errors; else ++notes }
             END { printf "%d errors, %d notes\n", errors, notes }' expected >wanted
diff -u wanted said

files=0
for file in broken/*.rule broken/*.conf broken/*.d/*.conf; do
    [ ! -d "$file.d" ] || continue # wrong because of its drop-in
    grep -q "^$file	" expected || { echo "nothing is expected of $file"; exit 1; }
    files=$((files + 1))
done
if [ $files -lt 40 ]; then
    echo "only $files files, expected 40 or more"
    exit 1
fi

# Whatever is refused says what is there and what should be.
if grep '	error: ' expected | grep -v 'found.*expected'; then
    echo 'these do not say what was found and what is expected'
    exit 1
fi
