# Asterisk alone. Its configuration comes with the volume: the service `prepare` renders it from docker/asterisk.
FROM debian:forky-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      asterisk asterisk-core-sounds-en-gsm asterisk-core-sounds-ru-gsm \
 && rm -rf /var/lib/apt/lists/*
USER 10001:10001
ENTRYPOINT ["asterisk", "-f", "-n", "-C", "/var/lib/otklik/asterisk-run/etc/asterisk.conf"]
