# Sourced after environment.sh by ./test.
#
#   unpack_debian_packages    on Debian, gets the programs of debian-unpacked.txt into
#                             $venv/debian/bin, without root. Where it cannot, the tests say so.
#
# Each is a script there that starts the program with the libraries of its own release.

unpack_debian_packages() {
    wanted=$here/tools/debian-unpacked.txt
    place=$venv/debian
    if [ -e "$place/bin" ] && [ ! "$wanted" -nt "$place/bin" ]; then return; fi
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then return; fi
    echo "Unpacking Debian packages for the tests" >&2
    log=${log:-$venv/setup.log}
    rm -rf "${place:?}" "$place.part"
    if fetch_and_unpack "$place.part" >>"$log" 2>&1 && write_starters "$place.part"; then
        mv "$place.part" "$place"
    else
        echo "could not; $log tells why" >&2
    fi
}

debian_mirror() {
    if ! command -v apt-get >/dev/null; then return; fi
    apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        sed -n 's/^Debian main //p' | head -n 1
}

# With lists and a cache of its own; and as if nothing were installed, so that every library comes.
fetch_and_unpack() (
    apt=$1/apt
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    echo "deb $mirror sid main" >"$apt/sources.list"
    set -- "$1" -q -o Acquire::Retries=3 -o Debug::NoLocking=1 -o APT::Sandbox::User= \
        -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$apt/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$apt"
    root=$1
    shift
    packages=$(sed -n 's/^\([a-z][^ ]*\) .*/\1/p' "$wanted")
    apt-get "$@" update || return
    apt-get "$@" install -y --no-install-recommends --download-only $packages || return
    # Of what they depend on, the libraries: neither Perl nor a service manager is run from here.
    for package in $packages lib; do
        for archive in "$apt/archives/$package"*.deb; do
            dpkg-deb -x "$archive" "$root" || return
        done
    done
    rm -rf "$apt"
)

write_starters() {
    root=${1%.part}
    libraries=$(cd "$1" && dirname usr/lib/*/libc.so.6)
    loader=$(cd "$1" && echo usr/lib*/ld-linux*.so.* | cut -d ' ' -f 1)
    mkdir "$1/bin"
    for program in $(sed -n 's/^[a-z][^ ]*  *\([a-z][^ ]*\).*/\1/p' "$wanted" | tr , ' '); do
        file=$(cd "$1" && ls -d usr/sbin/"$program" usr/bin/"$program" 2>/dev/null)
        {
            echo '#!/bin/sh'
            if head -c 2 "$1/$file" | grep -q '#!'; then # a Ruby program
                echo "GEM_PATH='$root/usr/share/rubygems-integration/all' exec '$root/$file' \"\$@\""
            else
                echo "exec '$root/$loader' --library-path '$root/$libraries' '$root/$file' \"\$@\""
            fi
        } >"$1/bin/$program"
        chmod 755 "$1/bin/$program"
    done
}
