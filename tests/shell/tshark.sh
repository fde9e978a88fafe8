# shellcheck shell=bash
# A tshark that knows ChaCha20-Poly1305, which Debian's does from 4.6 on. To be sourced, after host.sh.

# newer_tshark FOLDER: prints its path: this machine's own, or else one kept in FOLDER, fetched from this machine's Debian mirror at first
# and run with its own libraries. Fails, having said why, where there is none.
newer_tshark() {
    local folder=$1
    if knows_chacha tshark; then
        command -v tshark
        return
    fi
    if ! knows_chacha "$folder/tshark"; then
        say "fetching a tshark that knows ChaCha20-Poly1305" >&2
        # shellcheck disable=SC2016,SC2154  # for the inner shell; repository is of host.sh
        as_builder env -C "$repository" bash -euo pipefail -c '. tests/shell/tshark.sh; fetch_tshark "$1"' fetch "$folder" >&2 || return
        knows_chacha "$folder/tshark" || { echo "the newest tshark of the Debian mirror does not know it" >&2 && return 1; }
    fi
    say "$folder/tshark"
}

# knows_chacha TSHARK: it warns of a table of SAs that names what it does not know.
knows_chacha() {
    local profile answer
    command -v "$1" >/dev/null || return
    profile=$(mktemp -d)
    printf '"IPv4","*","*","1","ChaCha20 with Poly1305 [RFC7634]","0x%072d","NULL",""\n' 0 >"$profile/esp_sa"
    # A capture without frames.
    printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0' >"$profile/none.pcap"
    answer=$(WIRESHARK_CONFIG_DIR=$profile timeout 60 "$1" -r "$profile/none.pcap" 2>&1) || answer="invalid value"
    rm -rf "$profile"
    [[ $answer != *"invalid value"* ]]
}

# fetch_tshark FOLDER: what apt keeps of this machine is neither read nor written.
fetch_tshark() {
    local folder=$1 work=$1.part mirror package libraries
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    # shellcheck disable=SC2016  # apt-get's own
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 -E '/debian/?$') ||
        { echo "apt has no Debian mirror among its sources" >&2 && return 1; }
    rm -rf "$work" "$folder"
    mkdir -p "$work/apt/etc/apt/preferences.d" "$work"/apt/var/{lib/apt/lists,cache/apt/archives}/partial "$work/files"
    echo "deb [signed-by=$keyring] $mirror testing main" >"$work/apt/etc/apt/sources.list"
    : >"$work/apt/status"
    private_apt "$work/apt" update
    private_apt "$work/apt" install -y --no-install-recommends --download-only tshark
    for package in "$work"/apt/var/cache/apt/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/files" --no-same-owner --exclude='./usr/share/[!w]*'
    done
    libraries=$(cd "$work/files" && dirname usr/lib/*/libwireshark.so.*.*.*)
    cat >"$work/files/tshark" <<END
#!/bin/sh
folder=\$(dirname "\$0")
libraries=\$folder/$libraries
exec "\$libraries"/ld-linux*.so.? --library-path "\$libraries" "\$folder/usr/bin/tshark" "\$@"
END
    chmod +x "$work/files/tshark"
    mv "$work/files" "$folder"
    rm -rf "$work"
}

# private_apt FOLDER ARGUMENT...: apt-get with folders of its own; only what says how the network is reached is the machine's.
private_apt() {
    local folder=$1
    shift
    timeout 300 apt-get -qq -o Dir="$folder" -o Dir::State::status="$folder/status" -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 \
        -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@" </dev/null
}
