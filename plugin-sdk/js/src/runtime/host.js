// The host, as a context reaches it in a component.

import host from "bulkhead:plugin/host@0.1.0";
import config from "wasi:config/store@0.2.0-rc.1";
import atomics from "wasi:keyvalue/atomics@0.2.0-draft";
import store from "wasi:keyvalue/store@0.2.0-draft";

import { denied, failed } from "../error.js";
import { payload } from "./payload.js";

export const component = {
  progress: host.progress,
  log: host.log,
  cancelled: host.cancelled,
  resourceUpdated: host.resourceUpdated,
  resourcesChanged: host.resourcesChanged,
  taskStatus: host.taskStatus,
  closeStream: host.closeStream,
  setVisible: (kind, name, visible) => attempt(() => host.setVisible(kind, name, visible)),
  config: {
    get: (key) => attempt(() => config.get(key)),
    getAll: () => attempt(() => config.getAll()),
  },
  openKv() {
    const bucket = attempt(() => store.open(""));
    return {
      get: (key) => bytes(attempt(() => bucket.get(key))),
      set: (key, value) => attempt(() => bucket.set(key, value)),
      delete: (key) => attempt(() => bucket.delete(key)),
      exists: (key) => attempt(() => bucket.exists(key)),
      listKeys: (cursor) => attempt(() => bucket.listKeys(cursor)),
      increment: (key, delta) => attempt(() => atomics.increment(bucket, key, delta)),
    };
  },
};

function bytes(value) {
  return value === null || value === undefined ? undefined : Uint8Array.from(value);
}

function attempt(act) {
  try {
    return act();
  } catch (error) {
    throw told(payload(error));
  }
}

function told(error) {
  if (typeof error === "string") return failed(error);
  switch (error?.tag) {
    case "access-denied":
      return denied("kept values are not granted to this plugin");
    case "no-such-store":
      return failed("there is no such key-value store");
    case "other":
    case "upstream":
    case "io":
      return failed(error.val);
    default:
      return error;
  }
}
