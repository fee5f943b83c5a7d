# shellcheck shell=bash
# Prints logs of a node: of systemd units, of the kernel and of containers. Needs no API server.
# Parameters: SOURCES (lines: "kernel", "unit NAME" or "container PATTERN", which matches NAMESPACE/POD/CONTAINER), TAIL (number of lines, or empty), SINCE
# (seconds, or empty), FOLLOW (not empty: continues with new lines).
# Output: "T SECONDS" (the clock), "S NUMBER KIND NAME" (a log), "L NUMBER LINE" (a line of it), "N PATTERN" (no container matches) and "K" (nothing). Each
# line of a log has a prefix, so that it cannot be a marker.
readonly LOGS=/var/log/pods MAX_BYTES=60000
declare -A number=() opened=() files_of=()

main() {
  local kind name
  count=0 first=1 cutoff=''
  [[ -z $SINCE ]] || cutoff=$((EPOCHSECONDS - SINCE))
  # journalctl -n 0 would skip the first line of a log that is still empty.
  [[ $TAIL != 0 || -z $FOLLOW ]] || cutoff=$EPOCHSECONDS
  if [[ -n $FOLLOW ]]; then
    mkdir -p "$RUN"
    CURSORS=$(mktemp -d "$RUN/cursors.XXXXXX")
    trap 'rm -rf "$CURSORS"' EXIT
  fi
  echo "T $EPOCHSECONDS"
  shopt -s nullglob
  # One process writes all lines, so that they do not mix.
  while true; do
    while read -r kind name; do
      case $kind in
        container) containers "$name" ;;
        *) journal "$kind" "$name" ;;
      esac
    done <<<"$SOURCES"
    [[ -n $FOLLOW ]] || break
    first=''
    sleep 1
    # Ends the script if nobody reads it any more, also while a log is quiet.
    echo K
  done
}

# announce KIND NAME: sets index to the number of the log, and prints it the first time.
announce() {
  index=${number[$1 $2]:-}
  [[ -z $index ]] || return 0
  index=$((++count))
  number[$1 $2]=$index
  echo "S $index $1 ${2//[[:cntrl:]]/?}"
}

# journal unit NAME, journal kernel
journal() {
  local arguments=(--quiet --no-pager --all --output short-unix)
  announce journal "${2:-kernel}"
  if [[ $1 == kernel ]]; then arguments+=(--dmesg); else arguments+=(--unit "$2"); fi
  [[ -z $FOLLOW ]] || arguments+=(--cursor-file "$CURSORS/$index")
  # journalctl saves the cursor with the first line that it prints.
  if [[ -n $FOLLOW && -s $CURSORS/$index ]]; then
    journalctl "${arguments[@]}" </dev/null | prefixed
  elif [[ -n $cutoff ]]; then
    # With --lines, these would be the first lines since then.
    journalctl "${arguments[@]}" --since "@$cutoff" </dev/null | last | prefixed
  else
    journalctl "${arguments[@]}" ${TAIL:+--lines "$TAIL"} </dev/null | prefixed
  fi
}

# containers PATTERN: reads the logs of the containers of all pods that the kubelet has not cleaned up yet.
containers() {
  local folder pod id found=''
  for folder in "$LOGS"/*_*_*/*/; do
    folder=${folder%/}
    [[ ! -L $folder && ! -L ${folder%/*} ]] || continue
    # NAMESPACE_POD_UID/CONTAINER
    pod=${folder%/*}
    pod=${pod##*/}
    id=${pod%%_*}/
    pod=${pod#*_}
    id+=${pod%_*}/${folder##*/}
    # shellcheck disable=SC2053 # It is a pattern.
    [[ $id == $1 ]] || continue
    found=1
    container "$folder" "$id"
  done
  [[ -n $found || -z $first ]] || echo "N $1"
}

# container FOLDER ID: prints what is new in the files of a container, the oldest first. An open file is read to its end even after it was rotated.
container() {
  local key file fd newer=()
  announce container "$2"
  # A followed file can become newer.
  [[ -z $cutoff || -n $FOLLOW ]] || newer=(-newermt "@$cutoff")
  while read -r _ key file; do
    [[ -n $file && -z ${opened[$key]:-} ]] || continue
    exec {fd}<"$file" || continue
    opened[$key]=1
    files_of[$1]+=" $fd"
  done < <(find "$1" -maxdepth 1 -type f -name '*.log' "${newer[@]}" -printf '%T@ %D:%i %p\n' | sort -n)
  for fd in ${files_of[$1]:-}; do
    cat <&"$fd"
  done | last | prefixed
}

# last: passes the last lines at the first time, later all lines.
last() {
  if [[ -z $first || -z $TAIL ]]; then cat; elif [[ $TAIL == 0 ]]; then cat >/dev/null; else tail -n "$TAIL"; fi
}

prefixed() { cut -b "-$MAX_BYTES" | sed "s/^/L $index /"; }
main </dev/null
