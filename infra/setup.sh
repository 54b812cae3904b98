#!/usr/bin/env bash
# Makes this machine ready: system packages, uv, and the environment .venv as infra/locks/dev.txt
# says; for `test` also the environments that tests ask about the phone, alone with its own lock.
# Usage: infra/setup.sh [run|test]. Asks first what is there, so a second run changes nothing and
# needs no network; a run that was interrupted is taken up again by the next one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly goal=${1:-run}
readonly log=.data/setup.log
readonly needed_mib=1500
readonly supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
started=${EPOCHREALTIME//[.,]/}

say() { # Chinese, English
  local now=${EPOCHREALTIME//[.,]/}
  printf '[%6.1f s] %s · %s\n' "$(((now - started) / 100000))e-1" "$1" "$2"
}

stop() { # Chinese, English
  printf '\n%s\n%s\n' "$1" "$2" >&2
  exit 1
}

stop_for_space() {
  stop "磁盘空间不足：$PWD 所在磁盘只剩 $(free_mib) MiB，需要约 $needed_mib MiB。请清理后重新运行同一命令。" \
    "The disk is full: $(free_mib) MiB left where $PWD stands, about $needed_mib MiB needed. Free some and run the same command again."
}

free_mib() { df -Pk . | awk 'NR == 2 { print int($4 / 1024) }'; }

# Runs a command with its output in the log; on failure shows the end of it and says what to do.
attempt() { # Chinese, English, command...
  local zh=$1 en=$2 from
  shift 2
  from=$(($(wc -l <"$log") + 1))
  if "$@" >>"$log" 2>&1 9>&-; then return; fi
  tail -n "+$from" "$log" | tail -n 15 >&2
  if [[ $(tail -n "+$from" "$log") =~ [Nn]o\ space\ left|enough\ free\ space|os\ error\ 28 ]]; then stop_for_space; fi
  stop "${zh}失败。首次安装需要网络；请检查网络与软件源后重新运行同一命令。完整记录：$log" \
    "Failed: $en. The first set-up needs a network; check it and the package sources, then run the same command again. Whole record: $log"
}

# --- system packages -------------------------------------------------------------------------

wanted_packages() {
  local lists=(infra/packages/run.txt)
  if [ "$goal" = test ]; then lists+=(infra/packages/test.txt); fi
  sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "${lists[@]}"
}

# Names of what is installed and of what it stands for (a renamed package provides its old name).
present_packages() {
  dpkg-query -W -f='${db:Status-Status} ${Package}, ${Provides}\n' 2>/dev/null |
    sed -n 's/^installed //p' | sed 's/([^)]*)//g' | tr -s ', ' '\n'
}

missing_packages() {
  local line name found
  declare -A present=()
  while read -r name; do
    if [ -n "$name" ]; then present[$name]=1; fi
  done < <(present_packages)
  while read -r line; do
    found=
    for name in $(tr '|?' '  ' <<<"$line"); do
      if [ -n "${present[$name]:-}" ]; then found=1; fi
    done
    if [ -z "$found" ]; then echo "$line"; fi
  done < <(wanted_packages)
}

has_candidate() { [[ $(LC_ALL=C apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[!\(]* ]]; }

# The name this distribution uses for each missing line.
chosen_packages() { # lines...
  local line name
  for line in "$@"; do
    for name in $(tr '|?' '  ' <<<"$line"); do
      if has_candidate "$name"; then
        echo "$name"
        continue 2
      fi
    done
    if [[ $line != *\? ]]; then echo "${line%%|*}"; fi
  done
}

install_packages() { # lines...
  local as_root=() names=()
  if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      mapfile -t names < <(chosen_packages "$@")
      if [ ${#names[@]} = 0 ]; then return; fi
      stop "缺少系统软件包，而当前用户无管理员权限。请先执行下面这一条命令，再重新运行：" \
        "System packages are missing and this user may not install them. Run this one command, then try again:

  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${names[*]}'"
    fi
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  if [ -n "$(dpkg --audit 2>/dev/null)" ]; then
    attempt "修复中断的软件包安装" "repairing an interrupted package installation" "${as_root[@]}" dpkg --configure -a
  fi
  say "更新软件包目录" "refreshing the package index"
  attempt "更新软件包目录" "refreshing the package index" "${as_root[@]}" apt-get -q update
  mapfile -t names < <(chosen_packages "$@")
  if [ ${#names[@]} = 0 ]; then return; fi
  say "安装系统软件包：${names[*]}" "installing system packages"
  attempt "安装系统软件包" "installing system packages" "${as_root[@]}" apt-get -q install -y \
    --no-install-recommends -o DPkg::Lock::Timeout=300 "${names[@]}"
}

# A line marked "?" that this distribution lacks must not send each later run to the network.
required_or_obtainable() { # lines...
  local line
  for line in "$@"; do
    if [[ $line != *\? ]] || has_candidate "${line%\?}"; then
      echo "$line"
    else
      say "本发行版没有软件包 ${line%\?}；需要它的测试会说明并跳过" \
        "this distribution has no package ${line%\?}; tests that need it say so and are skipped" >&2
    fi
  done
}

ensure_packages() {
  local missing
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "本系统没有 apt，请自行安装（Debian 名称）：$(wanted_packages | tr '\n' ' ')" \
      "no apt on this system; install these yourself (Debian's names); going on"
    return
  fi
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} = 0 ]; then return; fi
  if compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
    mapfile -t missing < <(required_or_obtainable "${missing[@]}")
  fi
  if [ ${#missing[@]} = 0 ]; then return; fi
  install_packages "${missing[@]}"
}

# --- Python and uv ---------------------------------------------------------------------------

find_python() {
  local name
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
    if [ -n "$name" ] && "$name" -c "$supported" 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  stop "需要 Python 3.11、3.12 或 3.13，但没有找到（python3 是 $(python3 --version 2>&1 || true)）。请安装其中之一（如 apt-get install python3.11 python3.11-venv python3.11-dev），或用 PYTHON=/路径/python3.11 指定后重新运行。" \
    "Python 3.11, 3.12 or 3.13 is needed and none was found. Install one (such as: apt-get install python3.11 python3.11-venv python3.11-dev), or name one by PYTHON=/path/to/python3.11, then run the same command again."
}

locked_uv_or_newer() { # path of uv
  local locked version
  locked=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' infra/locks/uv.txt)
  version=$("$1" --version 2>/dev/null | awk '{ print $2 }')
  [ -n "$version" ] && printf '%s\n%s\n' "$locked" "$version" | sort -V -C
}

# Sets `uv`: the one on PATH when it is new enough, else a private one.
ensure_uv() { # path of python
  local candidate
  for candidate in "$(command -v uv || true)" .data/tools/bin/uv; do
    if [ -n "$candidate" ] && locked_uv_or_newer "$candidate"; then
      uv=$candidate
      return
    fi
  done
  say "安装 uv 到 .data/tools" "installing uv into .data/tools"
  attempt "创建工具环境" "making the environment of the tools" "$1" -m venv --clear .data/tools
  attempt "安装 uv" "installing uv" .data/tools/bin/python -m pip install --quiet --require-hashes \
    --disable-pip-version-check -r infra/locks/uv.txt
  uv=.data/tools/bin/uv
}

# An environment is in place when its last installation ended and was of this very lock.
in_place() { # directory, lock
  [ ! -e "$1/.unfinished" ] && [ "$(cat "$1/.lock-in-place" 2>/dev/null)" = "$(sha256sum <"$2")" ] &&
    "$1/bin/python" -c "$supported" 2>/dev/null
}

ensure_environment() { # directory, lock
  local python uv
  if in_place "$1" "$2"; then return; fi
  if [ "$(free_mib)" -lt "$needed_mib" ]; then stop_for_space; fi
  python=$(find_python)
  ensure_uv "$python"
  if [ -e "$1/.unfinished" ] || ! "$1/bin/python" -c "$supported" 2>/dev/null; then
    say "创建环境 $1（$("$python" --version)）" "making the environment"
    attempt "创建环境" "making the environment" "$uv" venv --quiet --clear --python "$python" "$1"
  fi
  touch "$1/.unfinished"
  say "安装 $(grep -c '==' "$2") 个锁定的 Python 包到 $1" "installing the locked Python packages"
  attempt "安装 Python 包" "installing Python packages" "$uv" pip sync --require-hashes \
    --compile-bytecode --build-constraints infra/locks/build.txt --python "$1/bin/python" "$2"
  sha256sum <"$2" >"$1/.lock-in-place"
  rm -f "$1/.unfinished"
}

# --- the whole -------------------------------------------------------------------------------

case $goal in
run | test) ;;
*) stop "用法：infra/setup.sh [run|test]" "Usage: infra/setup.sh [run|test]" ;;
esac
if ! mkdir -p .data/tools || ! touch .data/setup.lock; then
  stop "无法写入 $PWD/.data：没有写权限，或磁盘已满（剩 $(free_mib) MiB）。" \
    "$PWD/.data cannot be written: no permission, or the disk is full ($(free_mib) MiB left)."
fi
if command -v flock >/dev/null; then
  exec 9>.data/setup.lock
  if ! flock -n 9; then
    say "另一次安装正在进行，等待它结束" "another set-up is running; waiting for it"
    flock 9
  fi
fi
if ! echo "infra/setup.sh $goal" >"$log"; then stop_for_space; fi
ensure_packages
ensure_environment .venv infra/locks/dev.txt
if [ "$goal" = test ]; then
  ensure_environment .data/mobile-env infra/locks/mobile.txt
  ensure_environment .data/android-env infra/locks/android.txt
fi
say "环境就绪" "the machine is ready"
