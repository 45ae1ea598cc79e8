# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The guests' hardware. Sourced by `run`; a saved state fits only the hardware it was saved
# on, so this file is part of its key.

# machine QEMU ACCEL IMAGE WORK MEMORY CPUS [KERNEL_ARGUMENT…]: sets the array `machine`.
# WORK has the files and pipes behind the disks and ports.
#
# Files and pipes, not stdio: at its end of file a stdio port counts as disconnected, and
# the guest's writes block.
describe_machine() {
    local qemu=$1 accel=$2 image=$3 work=$4 memory=$5 cpus=$6
    shift 6
    [ "$accel" != tcg ] || accel=tcg,thread=multi
    # shellcheck disable=SC2054 # Commas are what QEMU takes.
    machine=(
        "$qemu" -machine q35,sata=off,smbus=off,vmport=off -accel "$accel" -cpu max,-svm,-vmx
        -smp "$cpus" -m "$memory" -nodefaults -no-user-config -display none -no-reboot
        -kernel "$image/vmlinuz" -initrd "$image/initrd"
        -append "console=ttyS0 quiet panic=-1 psi=1 mitigations=off apparmor=0 audit=0 random.trust_cpu=on systemd.show_status=0 module_blacklist=powernow_k8 $*"
        -chardev "file,id=console,path=$work/console" -serial chardev:console
        -chardev "${terminal:-null},id=terminal" -serial chardev:terminal
        -chardev "pipe,id=monitor,path=$work/monitor" -mon chardev=monitor,mode=readline
        -device virtio-serial-pci
    )
    local port
    for port in go:pipe output:file result:file status:file; do
        machine+=(-chardev "${port#*:},id=${port%:*},path=$work/${port%:*}"
            -device "virtserialport,chardev=${port%:*},name=reapd.${port%:*}")
    done
    disk "$image/root.ext4" root ,readonly=on
    disk "$work/job" job ,readonly=on
    disk "$work/swap" swap ''
}

disk() {
    machine+=(-drive "file=$1,format=raw,if=none,id=$2,cache=unsafe$3"
        -device "virtio-blk-pci,drive=$2,serial=$2")
}

# prepare WORK: makes what stands behind ports and disks, opens 8 to `go` and 9 to `monitor`.
prepare() {
    local name
    for name in console output result status; do
        : >"$1/$name"
    done
    for name in go monitor; do
        mkfifo "$1/$name.in" "$1/$name.out"
    done
    truncate -s 256M "$1/job"
    truncate -s 4G "$1/swap"
    exec 8<>"$1/go.in" 9<>"$1/monitor.in"
}
