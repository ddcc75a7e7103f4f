# One image for every process; the command says which: worker, executor, gateway or migrate.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# The local Slack is for development; the other optional packages hold native parts that the worker needs.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/local-slack-linux-x64

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/assent
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY --chmod=0755 deploy/entrypoint /usr/local/bin/assent-process
# A named volume takes over the owner of the directory that it is mounted on.
RUN install -d -o node -g node /var/lib/assent/exports
USER node
ENTRYPOINT ["assent-process"]
CMD ["worker"]
