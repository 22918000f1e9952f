#!/bin/bash
# Runs once, as root, before the ECS agent: that one waits for cloud-init to finish.
set -euo pipefail

mkdir -p /etc/ecs
cat >/etc/ecs/ecs.config <<'ECS'
ECS_CLUSTER=@CLUSTER@
ECS_INSTANCE_ATTRIBUTES={"millimetric.node":"@NODE@"}
ECS_AWSVPC_BLOCK_IMDS=true
ECS_CONTAINER_STOP_TIMEOUT=5m
ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true
ECS_IMAGE_PULL_BEHAVIOR=prefer-cached
ECS

# Without the mounted volume there is no agent, so ClickHouse can never start on the empty root disk.
mkdir -p /etc/systemd/system/ecs.service.d
cat >/etc/systemd/system/ecs.service.d/data.conf <<'UNIT'
[Unit]
Requires=data.mount
After=data.mount
UNIT
systemctl daemon-reload

cat >/usr/local/sbin/attach-data-volume <<'ATTACH'
@ATTACH_DATA_VOLUME@
ATTACH
chmod 755 /usr/local/sbin/attach-data-volume

# The package mirror may not answer at once.
for ((attempt = 0; attempt < 30; attempt++)); do
  command -v aws >/dev/null && break
  dnf install --assumeyes awscli-2 || sleep 10
done
AWS_DEFAULT_REGION=@REGION@ /usr/local/sbin/attach-data-volume @VOLUME@ /data
