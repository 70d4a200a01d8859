# Builds the way `make run` does, with PyPI's PyTorch for NVIDIA's GPUs and CPUs. For CPUs alone, and
# gigabytes smaller:
#   docker build --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cpu -t arena .
# The font is for Chinese names in the figures that the leaderboard saves as PNG and PDF.
FROM python:3.11-slim-bookworm
ARG TORCH_INDEX=
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/* && useradd --create-home arena
WORKDIR /arena
COPY --chown=arena . .
RUN chown arena /arena
USER arena
RUN make .venv/.installed TORCH_INDEX=$TORCH_INDEX
ENV ARENA_HOST=0.0.0.0 ARENA_DATABASE_URL=sqlite:////arena/db/arena.sqlite3
VOLUME /arena/db
EXPOSE 7860
# ARENA_ADMIN_PASSWORD must be given: the arena refuses to start in public without one.
CMD [".venv/bin/arena", "serve"]
