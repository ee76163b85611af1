# Sourced after environment.sh by ./test and .ci/run.
#
#   install_debian_packages    as root on Debian or Ubuntu, installs what the tests lack

install_debian_packages() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return; fi
    missing=$(missing_packages)
    if [ -z "$missing" ]; then return; fi
    log=${log:-$venv/setup.log}
    logged apt-get -o DPkg::Lock::Timeout=300 -q update
    known=$(known_packages $missing)
    if [ -z "$known" ]; then return; fi
    echo "Installing Debian packages for the tests:" $known >&2
    without_starting_servers apt_install $known
}

missing_packages() {
    while read -r package program _; do
        case $package in '' | '#'*) continue ;; esac
        if ! has_program "$program"; then echo "$package"; fi
    done <"$here/tools/debian-packages.txt"
}

# Those that there are in this release and for this processor.
known_packages() {
    apt-cache madison "$@" | sed 's/^ *//; s/ .*//' | sort -u
}

# Also where the PATH of an ordinary user does not lead, and where Debian keeps PostgreSQL's.
has_program() {
    for place in /usr/sbin /sbin /usr/local/sbin /usr/lib/postgresql/*/bin; do
        if [ -x "$place/$1" ]; then return; fi
    done
    command -v "$1" >/dev/null
}

# The tests start servers of their own; none may stay behind on port 80 or 5432. Debian's way to
# say so is /usr/sbin/policy-rc.d, whose 101 forbids a start.
without_starting_servers() {
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    "$@"
    rm -f "$policy"
    trap - EXIT HUP INT TERM
}
