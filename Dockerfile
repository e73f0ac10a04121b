# One image for hub and edge. Installs from the lock file, builds the dashboard, runs as an ordinary user.
FROM node:24-bookworm-slim AS build
WORKDIR /opt/sharp-eyes
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY . .
RUN npx vite build dashboard && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/sharp-eyes
COPY --from=build /opt/sharp-eyes ./
RUN mkdir /data /join && chown node:node /data /join
USER node
VOLUME /data
ENTRYPOINT ["node", "/opt/sharp-eyes/bin/sharp-eyes.mjs"]
CMD ["--help"]
