# The official image of PostgreSQL with loyalty in it:  docker build --build-arg PG_MAJOR=18 -t loyalty .
# What it is built with stays behind in the first stage.

ARG PG_MAJOR=18

FROM postgres:$PG_MAJOR AS build
ARG PG_MAJOR
RUN apt-get update && \
    apt-get install -y --no-install-recommends gcc libc6-dev make postgresql-server-dev-$PG_MAJOR
COPY . /loyalty
RUN make -C /loyalty install DESTDIR=/installed PG_CONFIG=/usr/lib/postgresql/$PG_MAJOR/bin/pg_config

FROM postgres:$PG_MAJOR
COPY --from=build /installed /
COPY LICENSE README.md CHANGELOG.md /usr/share/doc/loyalty/
COPY doc /usr/share/doc/loyalty/doc
