#!/usr/bin/env bash
# Makes a mini PC (Debian 12 or newer, systemd 250 or newer) a reader of a venue, and enrols it.
# From the repository in /opt/yikatong, with the code that an administrator got for it:
#   sudo /opt/yikatong/infra/reader/install.sh 'YKTENROL1 https://city.example tok_… …'
# Run again it changes nothing that is there: neither the lanes, nor the keys, nor an enrolment.
# DESTDIR is put before every path that is written, for packaging and tests.
set -euo pipefail

readonly root=${DESTDIR:-}
readonly home=$root/opt/yikatong etc=$root/etc/yikatong

stop() { # Chinese, English
  printf '%s\n%s\n' "$1" "$2" >&2
  exit 1
}

code=${1:-}
read -r kind address _ <<<"$code"
if [ "$kind" != YKTENROL1 ]; then
  stop "用法：install.sh '登记码'（YKTENROL1 开头）" "Usage: install.sh 'enrolment code' (YKTENROL1 …)"
fi
if [ -z "$root" ] && [ "$(id -u)" != 0 ]; then
  stop "请用 sudo 运行。" "Run it with sudo."
fi
if ! command -v systemd-creds >/dev/null; then
  stop "需要 systemd 250 或更新（systemd-creds）。" "systemd 250 or newer is needed (systemd-creds)."
fi

if [ -z "$root" ]; then
  apt-get -q update
  DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
    gcc libc6-dev libpcsclite-dev libpcsclite1 libzbar0 openssl pcscd python3-dev python3-venv
  groupadd --system --force gpio
fi

if [ ! -x "$home/.venv/bin/python" ]; then
  python3 -m venv "$home/.tools"
  "$home/.tools/bin/pip" install --quiet --require-hashes -r "$home/infra/locks/uv.txt"
  "$home/.tools/bin/uv" venv --quiet "$home/.venv"
fi
if [ -x "$home/.tools/bin/uv" ]; then
  "$home/.tools/bin/uv" pip sync --quiet --require-hashes --compile-bytecode \
    --build-constraints "$home/infra/locks/build.txt" --python "$home/.venv/bin/python" \
    "$home/infra/locks/reader.txt"
fi
# The unit may write nowhere near the code, and would compile it anew at each start.
"$home/.venv/bin/python" -m compileall -q "$home/reader_service" "$home/shared"

install -d -m 0755 "$etc" "$root/usr/local/bin" "$root/etc/systemd/system"
if [ ! -e "$etc/reader.env" ]; then
  printf 'YIKATONG_READER_BACKEND_URL=%s\n' "$address" >"$etc/reader.env"
fi
if [ ! -e "$etc/lanes.toml" ]; then
  printf '[[lanes]]\nnumber = 1\ncamera = { kind = "device", index = 0 }\n' >"$etc/lanes.toml"
fi
if [ ! -e "$etc/storage.key.cred" ]; then
  openssl rand -hex 32 | systemd-creds encrypt --name=storage.key - "$etc/storage.key.cred"
fi
install -m 0755 "$home/infra/reader/yikatong-reader" "$root/usr/local/bin/yikatong-reader"
install -m 0644 "$home/infra/systemd/yikatong-reader.service" "$root/etc/systemd/system/"
if [ -n "$root" ]; then exit; fi

systemctl daemon-reload
if [ ! -e /var/lib/private/yikatong-reader/terminal.json ]; then
  yikatong-reader enrol --code "$code"
fi
systemctl enable --now yikatong-reader.service
yikatong-reader doctor
