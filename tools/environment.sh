# Sourced by ./homeport and ./test, which set `here`, the checkout, first. Makes the Python
# environment that they run in; in the usual case, everything in place, no other program is started.
#
#   environment PURPOSE    sets `venv`. PURPOSE is `run`, or `test` for all that the tests need.
#
# A stamp in the environment, one a purpose, says where it was made; its time says from what.

environment() {
    purpose=$1
    venv=$here/.venv
    if ready; then return; fi
    if ! ours; then
        private_place
        if ready; then return; fi
    fi
    export PATH # which the shell has, but its children have not when it was started without one
    make_environment
}

# Whether `venv` stands for this purpose: not moved since it was made (its scripts hold its path),
# its Python still there, and nothing in the checkout newer than it.
ready() {
    stamp=$venv/homeport-$purpose
    [ -x "$venv/bin/python" ] && [ -r "$stamp" ] || return 1
    made_here "$stamp" || return 1
    set -- "$here/src/homeport"
    for file in "$here"/pyproject.toml "$1"/* "$1"/*/* "$1"/*/*/* "$1"/*/*/*/*; do
        case $file in *.pyc) continue ;; esac
        if [ "$file" -nt "$stamp" ] && [ -f "$file" ]; then return 1; fi
    done
}

made_here() {
    read -r made_at <"$1" && [ "$made_at" -ef "$venv" ]
}

# Whether the environment inside the checkout is ours to make: not in somebody else's checkout, nor
# where a person made one of their own.
ours() {
    if [ -e "$venv" ]; then
        [ -O "$venv" ] && [ -w "$venv" ] && [ -e "$venv/homeport-place" ]
    else
        [ -O "$here" ] && [ -w "$here" ]
    fi
}

# An environment of our own under the cache directory, for this path of the checkout. A HOME that
# is not ours (sudo may leave the caller's) is left alone.
private_place() {
    cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    if [ -z "$cache" ]; then eval "cache=~$(id -un)/.cache"; fi
    cache=$cache/homeport/environments
    if ! { mkdir -p "$cache" && [ -O "$cache" ] && [ -w "$cache" ]; } 2>/dev/null; then
        cache=${TMPDIR:-/tmp}/homeport-$(id -u)
        if ! { mkdir -p -m 700 "$cache" && [ -O "$cache" ] && [ ! -L "$cache" ]; } 2>/dev/null; then
            give_up "$cache is somebody else's; set XDG_CACHE_HOME to a directory of your own"
        fi
    fi
    checkout=$(cd -P "$here" && pwd)
    key=$(printf %s "$checkout" | cksum)
    venv=$cache/${checkout##*/}-${key%% *}
}

make_environment() {
    find_python
    mkdir -p "$venv" || give_up "cannot write to $venv"
    # One at a time; who waited finds the work done. The lock belongs to the open file: it ends with
    # this process, however that ends, and with a pip that may outlive it.
    exec 9>"$venv/setup.lock"
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    ready || fill_environment
    exec 9>&-
}

fill_environment() {
    log=$venv/setup.log
    : >"$log"
    if only_sources_changed; then
        echo "$venv" >"$venv/setup.stamp"
        logged "$venv/bin/python" -m compileall -q "$here/src"
    else
        if ! sound; then need_venv_module; fi
        echo "Setting up Homeport in $venv (once) ..." >&2
        if ! sound; then bare_environment; fi
        echo "$venv" >"$venv/setup.stamp"
        install_packages
        # What the tests need includes what a run needs.
        if [ "$purpose" = test ]; then cp -p "$venv/setup.stamp" "$venv/homeport-run"; fi
    fi
    # Its time is that of before the work: what was edited meanwhile counts as newer.
    mv "$venv/setup.stamp" "$venv/homeport-$purpose"
}

# The environment inside the checkout uses the sources where they are. A change there wants only
# new byte code, which Python may have been told not to write when it runs.
only_sources_changed() {
    stamp=$venv/homeport-$purpose
    [ "$venv" = "$here/.venv" ] && [ -x "$venv/bin/python" ] && [ -r "$stamp" ] &&
        made_here "$stamp" && [ ! "$here/pyproject.toml" -nt "$stamp" ]
}

# Whether there is an environment to add to, neither moved nor broken nor half made.
sound() {
    [ -r "$venv/homeport-place" ] && made_here "$venv/homeport-place" &&
        "$venv/bin/python" -m pip --version >>"$log" 2>&1
}

bare_environment() {
    rm -rf "${venv:?}"/bin "$venv"/lib "$venv"/lib64 "$venv"/include "$venv"/homeport-*
    echo "$venv" >"$venv/homeport-place"
    logged "$python" -m venv "$venv"
}

install_packages() {
    set --
    if [ "$purpose" = test ]; then
        # --group came with pip 25.1, and the pip that Python brings is often older.
        pip_install "pip>=25.1"
        set -- --group "$here/pyproject.toml:test"
    fi
    if [ "$venv" = "$here/.venv" ]; then
        pip_install "$@" --editable "$here"
        logged "$venv/bin/python" -m compileall -q "$here/src"
    else
        pip_install "$@" "$here"
        # The version stays the same while the sources change, so pip would keep the old copy.
        pip_install --force-reinstall --no-deps "$here"
    fi
}

pip_install() {
    logged env PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$venv/bin/python" -m pip install --quiet --compile "$@"
}

# Sets `python` to the program itself, not to a link or shim that may mean another version tomorrow.
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        python=$("$name" -c 'import os, sys
if sys.version_info >= (3, 11): print(os.path.realpath(sys._base_executable))' 2>/dev/null) || continue
        if [ -x "$python" ]; then return; fi
    done
    found=$(python3 --version 2>/dev/null) || found="none"
    give_up "needs Python 3.11 or later (found: $found)"
}

need_venv_module() {
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if ! command -v apt-get >/dev/null; then
        give_up "needs the modules venv and ensurepip, which $python lacks"
    fi
    if [ "$(id -u)" != 0 ]; then
        give_up "needs the Debian package $package: sudo apt-get install $package"
    fi
    echo "Installing the Debian package $package ..." >&2
    apt_install "$package"
}

# A server that a package starts must not keep our lock, hence 9>&-.
apt_install() {
    logged apt-get -o DPkg::Lock::Timeout=300 -q update 9>&-
    logged env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q install -y \
        --no-install-recommends "$@" 9>&-
}

# Runs a command whose output matters only when it fails.
logged() {
    if "$@" </dev/null >>"$log" 2>&1; then return; fi
    tail -n 30 "$log" >&2
    give_up "could not set itself up; this failed: $*"
}

give_up() {
    echo "homeport: $1" >&2
    exit 1
}
