// What a running call knows and can do.

import { parse } from "../json.js";
import { Config, Kv } from "./reach.js";
import { Memory } from "./memory.js";
import { Questions } from "./questions.js";

const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/** A promise that stays open: the call ends meanwhile, and is made again. */
const later = () => new Promise(() => {});

export class Context {
  #call;
  #host;
  #memory;
  #questions;
  #kv;

  constructor(call, host) {
    this.#call = call;
    this.#host = host;
    this.#memory = new Memory(call.state);
    this.#questions = new Questions(call);
    this.config = new Config(host.config);
  }

  get callId() {
    return this.#call.callId;
  }

  get era() {
    return this.#call.era;
  }

  get protocolVersion() {
    return this.#call.protocolVersion;
  }

  get client() {
    return this.#call.client;
  }

  get logLevel() {
    return this.#call.logLevel ?? undefined;
  }

  get wantsProgress() {
    return this.#call.progress;
  }

  get asTask() {
    return this.#call.asTask;
  }

  get trace() {
    return this.#call.trace ?? undefined;
  }

  get root() {
    return this.#call.root ?? undefined;
  }

  get sampling() {
    return json(this.#call.sampling);
  }

  get meta() {
    return json(this.#call.meta);
  }

  get kv() {
    this.#kv ??= new Kv(this.#host.openKv());
    return this.#kv;
  }

  progress(progress, total, message) {
    if (this.#call.progress) this.#host.progress(progress, total, message);
  }

  log(level, data, logger) {
    if (!this.#call.logLevel || LEVELS.indexOf(level) < LEVELS.indexOf(this.#call.logLevel)) return;
    this.#host.log(level, logger, JSON.stringify(data) ?? "null");
  }

  cancelled() {
    return this.#host.cancelled();
  }

  resourceUpdated(uri) {
    this.#host.resourceUpdated(uri);
  }

  resourcesChanged() {
    this.#host.resourcesChanged();
  }

  setVisible(kind, name, visible) {
    this.#host.setVisible(kind, name, visible);
  }

  taskStatus(message) {
    this.#host.taskStatus(message);
  }

  closeStream(retryMs) {
    this.#host.closeStream(retryMs);
  }

  elicit(key, message, schema) {
    return this.#questions.elicit(key, message, schema);
  }

  elicitForm(key, message, schema) {
    return this.#questions.elicitForm(key, message, schema);
  }

  elicitUrl(key, message, url) {
    return this.#questions.elicitUrl(key, message, url);
  }

  sample(key, request) {
    return this.#questions.sample(key, request);
  }

  roots(key) {
    return this.#questions.roots(key);
  }

  once(key, effect) {
    return this.#memory.once(key, effect);
  }

  get state() {
    return this.#memory.state;
  }

  set state(value) {
    this.#memory.state = value;
  }

  async becomeTask() {
    if (this.#call.asTask) return;
    this.#questions.need("tasks");
    this.#questions.task = true;
    await later();
  }

  /** What this round of the call waits for: questions, or that it is made again as a task. */
  static pause(ctx) {
    const { open, task } = ctx.#questions;
    if (task) return { task: true, state: ctx.#memory.seal() };
    return open.length > 0 ? { requests: open, state: ctx.#memory.seal() } : undefined;
  }

  /** Calls `hear` once when this round of the call begins to wait. */
  static onPause(ctx, hear) {
    ctx.#questions.hear = hear;
  }
}

function json(text) {
  return text ? parse(text) : undefined;
}
