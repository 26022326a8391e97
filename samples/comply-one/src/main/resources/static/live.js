// Draws what /live/moments tells, and lets the buttons do what /live/actions offers.

const byId = id => document.getElementById(id);
const narrow = matchMedia('(max-width: 40rem)').matches;
const SPAN = narrow ? 45 : 90; // seconds
const KEPT_LINES = 100;
const SILENCE = 2; // seconds without a moment, of which four come each second
const PATIENCE = 10; // seconds of silence after which a connection that still stands is given up
const TITLE = document.title;

const MEANINGS = {
  IDLE: 'no token, and nobody has asked: the next call sends a token request',
  FRESH: 'the token is handed out, and nothing is sent',
  STALE: 'the token is handed out while it is renewed',
  WAITING: 'no token: callers share the request in flight',
  FAILING: 'no token: until the next attempt, callers get the failure from memory',
  GUARDED: 'the password was refused: none is sent, callers get the refusal from memory',
  CLOSED: 'the application is ending',
};

const moments = [];
const buttons = new Map();
let paused = false;
let drawing = false;
let shownUntil = Date.now() / 1000;
let heard = performance.now();
let lost = false;
let events = null;
let charts = [];

byId('span').textContent = SPAN;

// --- the picture

function points(colour, hollow) {
  return {
    stroke: colour, width: 2, paths: () => null,
    points: { show: true, size: 12, width: 3, stroke: colour, fill: hollow ? 'transparent' : colour },
  };
}

// Fills the background for as long as a condition held.
function shade(plot, colour, isSo) {
  const x = index => plot.valToPos(moments[index].at, 'x', true);
  plot.ctx.fillStyle = colour + '38';
  for (let from = 1; from < moments.length; from++) {
    let to = from;
    while (to < moments.length && isSo(moments[to])) {
      to++;
    }
    if (to > from) {
      const left = Math.max(x(from - 1), plot.bbox.left);
      plot.ctx.fillRect(left, plot.bbox.top, x(to - 1) - left, plot.bbox.height);
      from = to;
    }
  }
}

function chart(id, style, y, series, data) {
  const element = byId(id);
  const axis = { stroke: style.faint, grid: { stroke: style.line, width: 1 }, ticks: { show: false }, font: style.font };
  const times = (plot, splits) => splits.map(split => new Date(split * 1000).toLocaleTimeString('en-GB'));
  const plot = new uPlot({
    width: element.clientWidth, height: element.clientHeight,
    cursor: { show: false }, legend: { show: false },
    scales: { x: { range: () => visible() }, y: y.scale },
    axes: [
      { ...axis, size: 28, space: 90, values: times },
      { ...axis, size: 64, ...y.axis },
    ],
    series: [{}, ...series],
    hooks: {
      drawClear: [plot => {
        shade(plot, style.deed, moment => moment.told.provider?.stopped);
        shade(plot, style.failed, moment => moment.told.source.phase === 'GUARDED');
      }],
    },
  }, data(), element);
  return { plot, element, data };
}

function visible() {
  return [shownUntil - SPAN, shownUntil];
}

const column = of => moments.map(of);
const dots = (row, ...kinds) => column(moment => moment.kinds.some(kind => kinds.includes(kind)) ? row : null);

function drawCharts() {
  charts.forEach(({ plot }) => plot.destroy());
  const css = getComputedStyle(document.documentElement);
  const style = Object.fromEntries(['faint', 'line', 'token', 'due', 'served', 'failed', 'deed']
    .map(name => [name, css.getPropertyValue('--' + name).trim()]));
  style.font = '12px system-ui, sans-serif';
  const area = colour => ({ stroke: colour, width: 2, fill: colour + '40', points: { show: false } });
  const at = () => column(moment => moment.at);
  charts = [
    chart('life', style,
      { scale: { range: (plot, min, max) => [0, Math.max(10, max * 1.05)] }, axis: { values: (plot, all) => all.map(v => v + ' s') } },
      [area(style.token), { ...area(style.due), width: 4 }],
      () => [at(), column(m => m.left), column(m => m.due)]),
    chart('requests', style,
      { scale: { range: [0.4, 3.6] }, axis: { splits: [1, 2, 3], values: () => ['you', 'refresh', 'login'] } },
      [points(style.token), points(style.token), points(style.failed, true), points(style.failed, true), points(style.deed)],
      () => [at(), dots(3, 'LOGIN'), dots(2, 'REFRESH'), dots(3, 'LOGIN_FAILED'), dots(2, 'REFRESH_FAILED'), dots(1, 'DEED')]),
    chart('load', style,
      { // logarithmic, so that twenty and a thousand can both be seen
        scale: { distr: 4, asinh: 10, range: (plot, min, max) => [0, Math.max(100, max * 1.2)] },
        axis: {
          splits: (plot, axis, min, max) => [0, 20, 100, 1000].filter(v => v <= max),
          filter: (plot, splits) => splits,
          values: (plot, splits) => splits.map(grouped),
        },
      },
      [area(style.served), { ...area(style.due), paths: uPlot.paths.stepped({ align: -1 }) }, area(style.failed)],
      () => [at(), column(m => m.served), column(m => m.waiting), column(m => m.failed)]),
  ];
}

function draw() {
  drawing = false;
  const last = moments.at(-1);
  if (!last || lost) {
    return;
  }
  write(last);
  if (!paused) {
    shownUntil = last.at;
    charts.forEach(({ plot, data }) => plot.setData(data()));
  }
}

// --- the words

const text = (id, value) => { if (byId(id).textContent !== value) byId(id).textContent = value; };
const grouped = count => count.toLocaleString('en').replaceAll(',', '\u202f');

function write({ told: { at, source, counts, parts, realService, provider, obstacles }, failed }) {
  const now = Date.parse(at);
  const seconds = instant => instant && Date.parse(instant) > now ? Math.ceil((Date.parse(instant) - now) / 1000) + ' s' : '–';
  byId('phase').dataset.phase = source.phase;
  text('phase', source.phase.toLowerCase());
  text('meaning', MEANINGS[source.phase] + (failed && source.expiresAt ? '; requests fail, for another reason' : '') + (source.lastFailure ? ` (last request: ${source.lastFailure.error ?? source.lastFailure.kind})` : ''));
  text('ends', seconds(source.expiresAt));
  text('due', source.phase === 'STALE' ? 'now' : seconds(source.renewFrom));
  text('next', seconds(source.nextAttempt));
  for (const name of ['served', 'failed', 'waited', 'logins', 'refreshes', 'refused']) {
    text(name, grouped(counts[name]));
  }
  document.querySelectorAll('.provider').forEach(element => { element.hidden = !provider; });
  if (provider) {
    text('wrong-passwords', grouped(provider.wrongPasswords));
    text('presented-twice', grouped(provider.refreshTokensPresentedTwice));
  }
  byId('sharing').hidden = !parts;
  if (parts) {
    writeSharing(source.shared, parts, now);
  }
  text('hint', !realService ? '' : 'This is the real service: the page sends nothing by itself.');
  for (const [name, button] of buttons) {
    hinder(button, obstacles[name] ?? '');
  }
}

function writeSharing({ instance, generation, leader, renewing, awaySince }, parts, now) {
  const name = of => of === instance ? 'this instance' : of ?? '–';
  byId('part').dataset.leads = String(leader === instance);
  text('part', leader === instance ? 'leads' : leader ? 'took it over' : 'no token yet');
  text('instance', instance);
  text('leader', name(leader));
  text('renewing', name(renewing));
  byId('store').dataset.away = String(Boolean(awaySince));
  text('store', awaySince ? `away for ${Math.max(0, Math.round((now - Date.parse(awaySince)) / 1000))} s` : 'answers');
  text('generation', grouped(generation));
  text('led', grouped(parts.led));
  text('adopted', grouped(parts.adopted));
  text('awaited', grouped(parts.waited));
}

function hinder(button, obstacle) {
  button.setAttribute('aria-disabled', String(obstacle !== ''));
  button.setAttribute('aria-busy', String(obstacle === 'under way'));
  const state = button.lastElementChild;
  if (state.textContent !== obstacle) state.textContent = obstacle;
}

// What was true a moment ago is not shown as if it still were.
function writeLost() {
  const last = moments.at(-1);
  document.title = 'Connection lost: ' + TITLE;
  document.body.classList.add('lost');
  byId('connection').textContent = 'Connection lost, trying again …';
  byId('phase').dataset.phase = '';
  byId('phase').textContent = 'unknown';
  byId('meaning').textContent = 'the application does not answer'
    + (last ? `; what is shown is of ${new Date(last.told.at).toLocaleTimeString('en-GB')}` : '');
  buttons.forEach(button => hinder(button, 'no connection'));
}

function writeFound() {
  document.title = TITLE;
  document.body.classList.remove('lost');
  byId('connection').textContent = 'Connected';
}

function log({ at, kind, text }) {
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.dateTime = at;
  time.textContent = new Date(at).toLocaleTimeString('en-GB');
  line.className = kind;
  line.append(time, ' ' + text);
  byId('log').prepend(line);
  while (byId('log').childElementCount > KEPT_LINES) {
    byId('log').lastElementChild.remove();
  }
}

// --- what comes and what goes

function show(told) {
  const at = Date.parse(told.at) / 1000;
  const before = moments.at(-1);
  if (before && at <= before.at) {
    return; // the server sends it again after the connection was lost
  }
  const { source, counts } = told;
  const earlier = moments.at(-4) ?? moments[0]; // a second ago
  const perSecond = name => earlier ? Math.max(0, counts[name] - earlier.told.counts[name]) / (at - earlier.at) : 0;
  const left = source.expiresAt ? Math.max(0, Date.parse(source.expiresAt) / 1000 - at) : 0;
  moments.push({
    at, told, left,
    due: source.phase === 'STALE' ? left : null,
    served: perSecond('served'), failed: perSecond('failed'), waiting: told.waiting,
    kinds: told.happenings.map(happening => happening.kind),
  });
  while (moments[0].at < at - SPAN - 1) {
    moments.shift();
  }
  told.happenings.forEach(log);
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(draw);
  }
}

function connect() {
  events?.close();
  heard = performance.now();
  events = new EventSource('live/moments');
  events.onmessage = message => {
    heard = performance.now();
    found();
    show(JSON.parse(message.data));
  };
  events.onerror = lose;
}

function found() {
  if (lost || byId('connection').textContent !== 'Connected') {
    lost = false;
    writeFound();
  }
}

function lose() {
  lost = true;
  writeLost();
}

// A server that hangs, or a cable that is out, is no error for as long as the connection stands; and an answer that is no
// stream ends the browser's own attempts.
setInterval(() => {
  const silent = (performance.now() - heard) / 1000;
  if (silent > SILENCE) {
    lose();
  }
  if (silent > PATIENCE || (lost && silent > SILENCE && events.readyState === EventSource.CLOSED)) {
    connect();
  }
}, 500);

async function act(button) {
  if (button.getAttribute('aria-disabled') === 'true') {
    return;
  }
  let failure = '';
  try {
    const response = await fetch('live/actions/' + button.name, { method: 'POST', headers: { 'Content-Type': 'application/json' } });
    failure = response.ok || response.status === 409 ? '' : `status ${response.status}`; // 409: another page was quicker
  } catch {
    failure = 'the application cannot be reached';
  }
  byId('failure').textContent = failure && `“${button.dataset.label}” failed: ${failure}`;
  if (byId('picture').getBoundingClientRect().top > innerHeight / 2) { // below the buttons, as on a phone
    byId('picture').scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  }
}

async function offerActions() {
  const response = await fetch('live/actions').catch(() => null);
  if (!response?.ok) {
    setTimeout(offerActions, 3000);
    return;
  }
  for (const { name, label, effect } of await response.json()) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    const explanation = document.createElement('small');
    button.type = 'button';
    button.name = name;
    button.dataset.label = label;
    button.append(label, document.createElement('span'));
    button.setAttribute('aria-disabled', 'true');
    button.setAttribute('aria-describedby', 'effect-' + name);
    button.onclick = () => act(button);
    explanation.id = 'effect-' + name;
    explanation.textContent = effect;
    item.append(button, explanation);
    byId('actions').append(item);
    buttons.set(name, button);
  }
}

byId('pause').onclick = event => {
  paused = !paused;
  event.currentTarget.setAttribute('aria-pressed', String(paused));
  event.currentTarget.textContent = paused ? 'Continue' : 'Pause';
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawCharts);
new ResizeObserver(() => charts.forEach(({ plot, element }) =>
  plot.setSize({ width: element.clientWidth, height: element.clientHeight }))).observe(byId('picture'));

drawCharts();
connect();
await offerActions();
