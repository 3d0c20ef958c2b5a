// Talks to the notebook server's own /axcampus handlers. The portal's token stays on the server.

import { isFinal } from './words.js';

const IDLE_MS = 30000;
const WATCHING_MS = 3000;
const WATCHING_LONGEST_MS = 20000;

// An error with the portal's words: {ko, en, code, request_id}.
export class PanelError extends Error {
  constructor(words) {
    super(words.en || words.code || 'error');
    this.words = words;
  }
}

export class Campus {
  // services: JupyterLab's @jupyterlab/services; coreutils: @jupyterlab/coreutils.
  constructor(services, coreutils) {
    this.connection = services.ServerConnection;
    this.settings = this.connection.makeSettings();
    this.join = (path) => coreutils.URLExt.join(this.settings.baseUrl, 'axcampus', path);
    this.me = null;
    this.error = null;
    this.etag = '';
    this.assignments = {}; // course -> its published assignments with own attempts
    this.onChange = () => {};
  }

  // Ask now, then again and again: often while a receipt waits for its grade, seldom otherwise, never unseen.
  watch() {
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.refresh());
    return this.refresh();
  }

  async refresh() {
    window.clearTimeout(this.timer);
    try {
      await this.#ask();
    } catch (error) {
      this.error = error instanceof PanelError ? error : new PanelError({ code: 'offline' });
    }
    this.onChange();
    if (document.visibilityState === 'visible') {
      this.timer = window.setTimeout(() => this.refresh(), this.#isWaiting() ? this.#patience() : IDLE_MS);
    }
  }

  // move: 'fetch', 'submit' or 'feedback'; resolves to {words, folder, receipt?}.
  async move(move, course, assignment) {
    const body = JSON.stringify({ course, assignment });
    const response = await this.#request(move, { method: 'POST', body });
    const done = await this.#read(response);
    await this.refresh();
    return done;
  }

  async #ask() {
    const headers = this.etag ? { 'If-None-Match': this.etag } : {};
    const response = await this.#request('me', { headers });
    if (response.status !== 304) {
      this.me = await this.#read(response);
      this.etag = response.headers.get('ETag') || '';
      await Promise.all(this.me.courses.map((course) => this.#list(course.slug)));
    }
    this.error = null;
  }

  // Only when something of mine changed: what is published changes seldom.
  async #list(course) {
    const answer = await this.#read(await this.#request(`courses/${encodeURIComponent(course)}/assignments`, {}));
    this.assignments[course] = answer.assignments;
  }

  #request(path, init) {
    return this.connection.makeRequest(this.join(path), init, this.settings);
  }

  async #read(response) {
    const body = await response.json();
    if (!response.ok) throw new PanelError(body.error || { code: String(response.status), en: body.message });
    return body;
  }

  // Who is far back in the queue need not look every three seconds.
  #patience() {
    const places = this.me.courses.map((course) => (course.last_receipt && course.last_receipt.queue_position) || 0);
    return Math.min(WATCHING_MS + Math.max(...places) * 100, WATCHING_LONGEST_MS);
  }

  // Whether the portal says that this person teaches anything.
  get teaches() {
    return Boolean(this.me) && this.me.courses.some((course) => course.role === 'instructor');
  }

  #isWaiting() {
    const courses = this.me ? this.me.courses : [];
    return courses.some((course) => course.last_receipt && !isFinal(course.last_receipt.status));
  }
}
