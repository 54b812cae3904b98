# The backend. Build from the repository's root:
#   docker build -f infra/docker/backend.Dockerfile -t yikatong-backend .
FROM python:3.13.9-slim-bookworm AS packages
WORKDIR /build
COPY infra/locks/uv.txt infra/locks/backend.txt ./
RUN pip install --no-cache-dir --require-hashes -r uv.txt \
    && uv venv /opt/packages \
    && uv pip sync --no-cache --require-hashes --compile-bytecode \
        --python /opt/packages/bin/python backend.txt

FROM python:3.13.9-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home yikatong \
    && install -d -o yikatong -m 0700 /var/lib/yikatong
COPY --from=packages /opt/packages /opt/packages
WORKDIR /app
COPY shared shared
COPY backend backend
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    YIKATONG_ENVIRONMENT=production \
    YIKATONG_DATA_DIR=/var/lib/yikatong \
    YIKATONG_HOST=0.0.0.0 \
    YIKATONG_PORT=8000
USER 10001
VOLUME /var/lib/yikatong
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
CMD ["python", "-m", "backend", "serve"]
