#!/bin/bash
# Usage: attach-data-volume VOLUME_ID MOUNT_POINT
#
# Attaches the node's EBS volume to this machine, makes a file system if and only if the volume is blank, and mounts it.
# Safe to run again. The earlier machine of the node may still hold the volume: waits until it lets go.
set -euo pipefail

volume=$1
mount_point=$2
fstab=${FSTAB:-/etc/fstab}
attempts=${ATTEMPTS:-120}
pause=${PAUSE:-5}
# The user and group of the ClickHouse image.
owner=101:101

say() { echo "attach-data-volume: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

instance_id() {
  local token
  token=$(curl --silent --fail --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    http://169.254.169.254/latest/api/token)
  curl --silent --fail --header "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id
}

# Prints "STATE INSTANCE", the instance being "None" while nobody holds the volume.
holder() {
  aws ec2 describe-volumes --volume-ids "$volume" --output text \
    --query 'Volumes[0].[State, Attachments[0].InstanceId]'
}

attach() {
  local me=$1 state by attempt
  for ((attempt = 0; attempt < attempts; attempt++)); do
    read -r state by < <(holder) || true
    if [[ $state == in-use && $by == "$me" ]]; then
      return 0
    elif [[ $state == available ]]; then
      say "attaching $volume"
      # Lost races show in the next round.
      aws ec2 attach-volume --volume-id "$volume" --instance-id "$me" --device /dev/sdf >/dev/null || true
    else
      say "$volume is ${state:-unknown}, held by ${by:-nobody known}; waiting"
    fi
    sleep "$pause"
  done
  fail "$volume could not be attached"
}

# Nitro machines show EBS volumes as NVMe disks whose serial number is the volume's id without its dash.
find_device() {
  local attempt name serial
  for ((attempt = 0; attempt < attempts; attempt++)); do
    while read -r name serial; do
      if [[ ${serial:-} == "${volume/-/}" ]]; then
        echo "/dev/$name"
        return 0
      fi
    done < <(lsblk --nodeps --noheadings --output NAME,SERIAL)
    sleep "$pause"
  done
  fail "$volume is attached, but no disk shows it"
}

# A file system is made only when blkid says, by its own code 2, that it knows nothing there, and the first MiB is zero.
ensure_file_system() {
  local device=$1 found code=0
  found=$(blkid --probe "$device") || code=$?
  if ((code == 0)); then
    [[ $found == *' TYPE="ext4"'* ]] || fail "$device holds something that is not ours, leaving it alone: $found"
  elif ((code == 2)) && [[ -z $found ]]; then
    (($(head --bytes=1048576 "$device" | tr -d '\0' | wc -c) == 0)) || fail "$device is not blank, leaving it alone"
    say "making a file system on $device"
    mkfs.ext4 -q -m 0 "$device"
  else
    fail "blkid cannot tell what $device holds (code $code), leaving it alone"
  fi
}

mount_device() {
  local device=$1 uuid
  uuid=$(blkid --probe --match-tag UUID --output value "$device")
  mkdir -p "$mount_point"
  if ! grep --quiet "^UUID=$uuid " "$fstab"; then
    echo "UUID=$uuid $mount_point ext4 noatime,nofail 0 2" >>"$fstab"
    systemctl daemon-reload
  fi
  mountpoint --quiet "$mount_point" || mount "$mount_point"
  # Takes up the room of a volume that was enlarged.
  resize2fs "$device"
  mkdir -p "$mount_point/clickhouse" "$mount_point/keeper"
  chown "$owner" "$mount_point/clickhouse" "$mount_point/keeper"
}

main() {
  local me device
  me=$(instance_id)
  attach "$me"
  device=$(find_device)
  ensure_file_system "$device"
  mount_device "$device"
  say "$volume is mounted at $mount_point"
}

main
