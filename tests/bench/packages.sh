# shellcheck shell=bash
# The rivals' Debian packages, unpacked into a folder and installed nowhere: an installed strongSwan or OpenVPN starts
# services. To be sourced after tests/shell/host.sh.

# wireguard-go has its TUN and UDP offloads since 2023; where Debian's stable has an older one, its backports have it.
rival_packages=(wireguard-tools openvpn openssl strongswan-charon strongswan-swanctl libcharon-extra-plugins
    libstrongswan-standard-plugins libstrongswan-extra-plugins)

# unpack_rivals FOLDER: as the invoking user. FOLDER/root is what the packages and what they need would have put into /.
unpack_rivals() {
    local folder=$1
    [ ! -e "$folder/complete" ] || return 0
    say "unpacking the rivals' Debian packages into ${folder#"$repository"/}"
    rm -rf "$folder"
    as_builder mkdir -p "$folder/sources" "$folder/lists" "$folder/cache/archives/partial" "$folder/root/usr/lib" "$folder/root/usr/bin" "$folder/root/usr/sbin"
    list_sources "$folder/sources"
    quietly "apt-get could not read the package lists" own_apt "$folder" apt-get update -q
    quietly "apt-get could not download the rivals" own_apt "$folder" apt-get install -q -y --no-install-recommends --download-only \
        "wireguard-go=$(newest_wireguard_go "$folder")" "${rival_packages[@]}"
    unpack "$folder"
    as_builder touch "$folder/complete"
}

# The machine's own sources, and the backports of the Debian they are of, from the same mirror.
list_sources() {
    local file uri keyring=/usr/share/keyrings/debian-archive-keyring.gpg options=
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ ! -e "$file" ] || as_builder cp "$file" "$1/"
    done
    [ "$(os_release ID)" = debian ] || return 0
    uri=$(own_mirror)
    [ -n "$uri" ] || die "none of the machine's apt sources is of Debian $(os_release VERSION_CODENAME)"
    [ ! -e "$keyring" ] || options="[signed-by=$keyring] "
    as_builder tee "$1/backports.list" <<<"deb $options$uri $(os_release VERSION_CODENAME)-backports main" >/dev/null
}

os_release() {
    # shellcheck disable=SC1091
    (. /etc/os-release && printf '%s' "${!1:-}")
}

own_mirror() {
    # shellcheck disable=SC2016  # apt's variables
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v codename="$(os_release VERSION_CODENAME)" '($1 == codename || $1 == "stable") && $2 == "main" { print $3; exit }'
}

# own_apt FOLDER APT-COMMAND...: with lists and cache of its own, so that the machine's stay as they are.
own_apt() {
    local folder=$1
    shift
    as_builder env DEBIAN_FRONTEND=noninteractive "$1" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/sources" \
        -o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User= \
        -o DPkg::Post-Invoke::= -o APT::Update::Post-Invoke::= "${@:2}" </dev/null
}

newest_wireguard_go() {
    local version newest=0
    while read -r _ _ version _; do
        ! dpkg --compare-versions "$version" gt "$newest" || newest=$version
    done < <(own_apt "$1" apt-cache madison wireguard-go)
    printf '%s' "$newest"
}

# Debian's / is merged into /usr, and some packages still bring files for /lib or /sbin.
unpack() {
    local folder=$1 package part
    for part in lib bin sbin; do
        as_builder ln -s "usr/$part" "$folder/root/$part"
    done
    for package in "$folder"/cache/archives/*.deb; do
        # shellcheck disable=SC2016  # dpkg's variables
        dpkg-deb --show --showformat '${Package} ${Version}\n' "$package" | as_builder tee -a "$folder/versions" >/dev/null
        dpkg-deb --fsys-tarfile "$package" | as_builder tar -x --no-same-owner --keep-directory-symlink -C "$folder/root"
    done
    as_builder rm -rf "$folder/cache" "$folder/lists"
}
