// What stands in for the host, and what it was told.

import { denied } from "../error.js";

export class Stage {
  recorded = { progress: [], log: [], updated: [], resourcesChanged: 0, visible: [], taskStatus: [], closedStreams: [] };
  isCancelled = false;
  settings = new Map();
  kv = new Map();
  grantsKv = true;

  config = {
    get: (key) => this.settings.get(key),
    getAll: () => [...this.settings],
  };

  progress(progress, total, message) {
    this.recorded.progress.push({ progress, total, message });
  }

  log(level, logger, data) {
    this.recorded.log.push({ level, logger, data: JSON.parse(data) });
  }

  cancelled() {
    return this.isCancelled;
  }

  resourceUpdated(uri) {
    this.recorded.updated.push(uri);
  }

  resourcesChanged() {
    this.recorded.resourcesChanged++;
  }

  setVisible(kind, name, visible) {
    this.recorded.visible.push({ kind, name, visible });
  }

  taskStatus(message) {
    this.recorded.taskStatus.push(message);
  }

  closeStream(retryMs) {
    this.recorded.closedStreams.push(retryMs);
  }

  openKv() {
    if (!this.grantsKv) throw denied("kept values are not granted to this plugin");
    const { kv } = this;
    return {
      get: (key) => kv.get(key),
      set: (key, value) => kv.set(key, Uint8Array.from(value)),
      delete: (key) => kv.delete(key),
      exists: (key) => kv.has(key),
      listKeys: () => ({ keys: [...kv.keys()] }),
      increment: (key, delta) => increment(kv, key, delta),
    };
  }
}

function increment(kv, key, delta) {
  const next = Number(new TextDecoder().decode(kv.get(key)) || 0) + delta;
  kv.set(key, new TextEncoder().encode(String(next)));
  return next;
}
