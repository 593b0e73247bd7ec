# One image for prepare, robot, worker, beat and web; compose.yaml says which of them a container is.
FROM node:24-slim AS scripts
WORKDIR /srv/otklik/api/web
COPY api/web/ ./
RUN npm ci --no-audit --no-fund --ignore-scripts && npm run vendor

FROM debian:12-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates openssl python3 python3-venv festival festvox-ru espeak-ng libespeak-ng1 \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 10001 -g 10001 -m 700 /var/lib/otklik
WORKDIR /srv/otklik
COPY requirements.lock ./
RUN python3 -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
COPY --from=scripts /srv/otklik/api/static/vendor api/static/vendor
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .
ENV PATH=/srv/otklik/.venv/bin:$PATH OTKLIK_HOME=/var/lib/otklik PYTHONUNBUFFERED=1 HOME=/tmp
USER 10001:10001
VOLUME /var/lib/otklik
