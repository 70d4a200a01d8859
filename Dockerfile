# The arena as an image: `cuda` with PyTorch for NVIDIA's GPUs and CPUs (the default), or `cpu`, which is
# gigabytes smaller:
#   docker build --target cpu --tag arena .
# TORCH_INDEX is where PyTorch comes from, for those with a mirror.
ARG PYTHON=python:3.11-slim-bookworm

# What is needed beside the source is known without it: a change of the source installs none anew.
FROM ${PYTHON} AS requirements
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY pyproject.toml constraints.txt scripts/requirements.py ./
RUN python requirements.py pyproject.toml >requirements.txt && python -m venv /opt/arena

FROM requirements AS packages-cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN /opt/arena/bin/pip install --quiet --constraint constraints.txt --index-url "$TORCH_INDEX" torch \
    && /opt/arena/bin/pip install --quiet --constraint constraints.txt --requirement requirements.txt

FROM requirements AS packages-cuda
ARG TORCH_INDEX=
RUN /opt/arena/bin/pip install --quiet --constraint constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch \
    && /opt/arena/bin/pip install --quiet --constraint constraints.txt --requirement requirements.txt

FROM requirements AS wheel
COPY README.md LICENSE models.yaml arena.yaml ./
COPY arena arena
RUN pip wheel --quiet --no-deps --wheel-dir /wheels .

# The font is for Chinese names in the figures that the leaderboard saves as PNG and PDF.
FROM ${PYTHON} AS base
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home arena \
    && install --directory --owner arena --group arena --mode 0700 /arena/db
WORKDIR /arena
COPY models.yaml arena.yaml ./
ENV PATH=/opt/arena/bin:$PATH ARENA_HOST=0.0.0.0
VOLUME /arena/db
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
# ARENA_ADMIN_PASSWORD must be given: the arena refuses to start in public without one.
CMD ["arena", "serve"]

FROM base AS cpu
COPY --from=packages-cpu /opt/arena /opt/arena
COPY --from=wheel /wheels /wheels
RUN /opt/arena/bin/pip install --quiet --no-deps --no-index /wheels/*.whl
USER 10001

FROM base AS cuda
COPY --from=packages-cuda /opt/arena /opt/arena
COPY --from=wheel /wheels /wheels
RUN /opt/arena/bin/pip install --quiet --no-deps --no-index /wheels/*.whl
USER 10001
