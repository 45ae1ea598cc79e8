# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The one source tree in which kernels are built. Sourced after common.sh by scripts that know their
# $version, never run. There is one place for all series, or ccache would not know the files again;
# who makes it holds a lock and removes it at its end.
#
# shellcheck disable=SC2154 # $kernels is of common.sh.

tree=$kernels/tree

# Without the sources of what no guest has: they are most of all files.
unpack_tree() {
    local tarball=$1 folder unneeded=()
    mkdir -p "$kernels"
    exec 5>"$kernels/lock"
    flock 5
    rm -rf "$tree"
    mkdir "$tree"
    trap 'rm -rf "$tree"' EXIT
    for folder in drivers/{gpu,net,media,staging,scsi,infiniband,usb,iio,hwmon,mfd,mtd,pinctrl,clk,soc,md,isdn} \
        sound fs/{xfs,btrfs,ocfs2,nfs,nfsd,f2fs,gfs2,cifs,ntfs3,ceph} net/{mac80211,bluetooth,netfilter} tools/perf \
        'arch/*/boot/dts' Documentation/devicetree; do
        unneeded+=(--exclude "*/$folder/*.[ch]" --exclude "*/$folder/*.dts*" --exclude "*/$folder/*.yaml")
    done
    step "Unpacking Linux $version" tar --extract --file "$tarball" --directory "$tree" --strip 1 \
        "${unneeded[@]}"
}

# apply FILE…
apply() {
    local file
    for file; do
        patch --directory "$tree" --strip 1 --fuzz 0 --batch --silent <"$file" ||
            die "Does not apply to $version: $(basename "$file")"
    done
}

compiler=gcc
! command -v ccache >/dev/null || compiler='ccache gcc'
kernel_make() {
    make --silent --directory "$tree" -j "$(nproc)" CC="$compiler" \
        KBUILD_BUILD_TIMESTAMP=0 KBUILD_BUILD_USER=reapd KBUILD_BUILD_HOST=reapd "$@"
}

# configure FOLDER FRAGMENT…
configure() {
    local out=$1
    shift
    mkdir -p "$out"
    cat "$@" >"$out/wanted"
    kernel_make O="$out" KCONFIG_ALLCONFIG="$out/wanted" allnoconfig
}

need_to_build_kernels() {
    [ "$(uname -m)" = x86_64 ] || die "Kernels are built for x86-64 only."
    need gcc make flex bison bc xz-utils=xz patch libelf-dev=/usr/include/libelf.h
}
