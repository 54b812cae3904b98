# The reader service. Build from the repository's root:
#   docker build -f infra/docker/reader.Dockerfile -t yikatong-reader .
# Cameras and card readers are given to the container one by one (--device, and the socket of the
# machine's own pcscd); where the venue has one machine, the unit in infra/systemd is simpler.
FROM python:3.13.9-slim-bookworm AS packages
WORKDIR /build
# Debian's packages follow the base image; its version is what is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libpcsclite-dev \
    && rm -rf /var/lib/apt/lists/*
COPY infra/locks/uv.txt infra/locks/build.txt infra/locks/reader.txt ./
RUN pip install --no-cache-dir --require-hashes -r uv.txt \
    && uv venv /opt/packages \
    && uv pip sync --no-cache --require-hashes --compile-bytecode \
        --build-constraints build.txt --python /opt/packages/bin/python reader.txt

FROM python:3.13.9-slim-bookworm
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpcsclite1 libzbar0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10002 --no-create-home yikatong-reader \
    && install -d -o yikatong-reader -m 0700 /var/lib/yikatong-reader
COPY --from=packages /opt/packages /opt/packages
WORKDIR /app
COPY shared shared
COPY reader_service reader_service
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    YIKATONG_READER_DATA_DIR=/var/lib/yikatong-reader \
    YIKATONG_READER_HOST=0.0.0.0 \
    YIKATONG_READER_PORT=8100
USER 10002
VOLUME /var/lib/yikatong-reader
EXPOSE 8100
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8100/livez', timeout=2)"]
CMD ["python", "-m", "reader_service", "serve"]
