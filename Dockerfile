# The gateway in a container. Its steps are those of `npm start`: the same script sets up, and finds it done at every start.
FROM node:24-bookworm-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --home-dir /home/beep beep \
    && install --directory --owner beep --group beep /opt/beep-python /data
USER beep
WORKDIR /opt/beep-python
ENV BEEP_PYTHON_HOME=/data

COPY --chown=beep:beep package.json package-lock.json ./
COPY --chown=beep:beep scripts ./scripts
COPY --chown=beep:beep python ./python
COPY --chown=beep:beep src ./src
# Packages and the admin environment, so that a container starts without any network.
RUN node scripts/enter.js setup

VOLUME /data
EXPOSE 5678 50051
# Inside the container only: publish the ports where you want them, behind something that ends TLS.
ENTRYPOINT ["node", "scripts/enter.js"]
CMD ["start", "--host", "0.0.0.0", "--allow-plaintext-bind"]
