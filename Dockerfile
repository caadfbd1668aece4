# The image of Server Scout: one static binary, the authorities it trusts, and
# nothing else, not even a shell. To build and try it:
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t serverscout .
#   docker run -p 127.0.0.1:8080:8080 -v scout-data:/data serverscout

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY internal internal
ARG VERSION=dev
ARG TARGETOS
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /out/scout ./cmd/scout
# A volume begins as a copy of what the image has at its place, owner included.
RUN mkdir -p /root-of-image/data

FROM scratch
ARG VERSION=dev
LABEL org.opencontainers.image.title="Server Scout" \
      org.opencontainers.image.description="Watches servers and their services, and tells by webhook when one breaks or recovers" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chown=65532:65532 /root-of-image/ /
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/scout /scout
COPY LICENSE NOTICE /
USER 65532:65532
ENV SCOUT_DATA=/data SCOUT_LISTEN=:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s CMD ["/scout", "health"]
ENTRYPOINT ["/scout"]
CMD ["serve"]
