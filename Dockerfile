# Small, without root; the health check asks whether the process is alive, not whether all is well. Build: docker build -t diaodu .
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/diaodu \
 && /opt/diaodu/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY bot bot
COPY jobs jobs
COPY config config
RUN /opt/diaodu/bin/pip install --no-cache-dir --no-build-isolation --no-deps . \
 && /opt/diaodu/bin/python -m compileall -q /opt/diaodu

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/diaodu diaodu
COPY --from=build /opt/diaodu /opt/diaodu
USER diaodu
WORKDIR /var/lib/diaodu
ENV PATH=/opt/diaodu/bin:$PATH DATA_DIR=/var/lib/diaodu/var HTTP_HOST=0.0.0.0 HTTP_PORT=8765
VOLUME /var/lib/diaodu/var
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HTTP_PORT'] + '/alive', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["diaodu"]
CMD ["run"]
