// Copyright: (c) 2026, the gpvault.gpmc contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The page on a fleet. It makes rows of the JSON in the page as they come into sight. All texts become text nodes.
(() => {
  'use strict';

  const data = JSON.parse(document.getElementById('data').textContent);
  const words = data.words;
  const CHUNK = 100;
  const PRINTED = 2000;
  const DAY = 86400;

  // The places of what the arrays hold; _fleet_page.py has their form.
  const G = {
    domain: 0, id: 1, name: 2, was: 3, outcome: 4, event: 5, status: 6, why: 7, gone: 8, newest: 9, more: 10,
    backups: 11,
  };
  const B = {id: 0, time: 1, comment: 2, reasons: 3, purpose: 4, changes: 5, more: 6};
  const C = {half: 0, extension: 1, kind: 2, place: 3, name: 4, before: 5, after: 6};

  const STATES = {
    created: 'backed up', unchanged: 'unchanged', failed: 'failed', cancelled: 'cancelled', deleted: 'deleted',
    not_attempted: 'not attempted', hidden: 'hidden from the account', not_selected: 'not selected', '': 'not known',
  };
  const FAILED = ['failed', 'cancelled', 'not_attempted', 'hidden'];

  const byId = (id) => document.getElementById(id);

  // An element with attributes and children. A child that is a text stays one.
  const fill = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== false) {
        node.setAttribute(name, value === true ? '' : value);
      }
    }
    node.append(...children.filter((child) => child !== null && child !== ''));
    return node;
  };
  const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
  const svg = (name, attributes = {}, ...children) =>
    fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
  // A name may turn the direction of writing around; not beyond its end. What nobody can see is made visible.
  const named = (text) => el('bdi', {}, text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd'));
  const time = (seconds) =>
    seconds === null ? '' : new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const counted = (number, noun) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
  const age = (seconds) => {
    const units = [['year', 365 * DAY], ['month', 30 * DAY], ['day', DAY], ['hour', 3600], ['minute', 60]];
    const [noun, size] = units.find((unit) => seconds >= 2 * unit[1]) || ['second', 1];
    return counted(Math.max(0, Math.floor(seconds / size)), noun);
  };
  const badge = (kind, text) => el('span', {class: `badge ${kind}`}, text);

  const stateOf = (gpo) => {
    const event = words[gpo[G.event]];
    const outcome = words[gpo[G.outcome]];
    return event && !FAILED.includes(outcome) ? badge(event, event) : badge(outcome, STATES[outcome] || outcome);
  };

  // ------------------------------------------------------------------------------------------------ what changed

  const SIGNS = {added: ['added', '+'], removed: ['removed', '−'], changed: ['altered', '~']};

  // A setting that is there without any value is only that.
  const valueOf = (name, text, kind) =>
    el(name, {}, text === '' ? el('em', {}, kind === 'changed' ? '(empty)' : '(there)') : named(text));

  const settingOf = (change) => {
    const told = words[change[C.kind]];
    const [shade, sign] = SIGNS[told] || ['', '?'];
    const places = [C.half, C.extension, C.place].map((part) => words[change[part]]);
    const place = places.filter(Boolean).join(' / ');
    const values = [];
    if (change[C.before] !== null) {
      values.push(valueOf('del', change[C.before], told));
    }
    if (change[C.after] !== null) {
      values.push(values.length ? ' → ' : '', valueOf('ins', change[C.after], told));
    }
    const kind = el('span', {class: `kind ${shade}`, title: told, 'aria-hidden': 'true'}, sign);
    return el('li', {}, kind, el('span', {class: 'spoken'}, told), ' ', el('small', {}, named(place)), place ? ': ' : '', named(change[C.name]),
      values.length ? ' = ' : '', ...values);
  };

  // The settings of a backup, or null where it is not known what changed.
  const settingsOf = (backup, most) => {
    if (!backup || backup[B.changes] === null) {
      return null;
    }
    const changes = data.changes[backup[B.changes]];
    const list = el('ul', {class: 'settings'}, ...changes.slice(0, most).map(settingOf));
    const left = changes.length - Math.min(most, changes.length) + backup[B.more];
    if (left > 0) {
      list.append(el('li', {class: 'muted'}, `and ${left} more`));
    }
    return list;
  };

  const eventItem = (gpo) => {
    const event = words[gpo[G.event]];
    const made = gpo[G.backups].find((backup) => words[backup[B.purpose]] === 'backup');
    const listed = data.listed[gpo[G.domain]];
    const about = [made && event !== 'deleted' ? words[made[B.reasons]] : '',
      listed === data.made ? '' : `in the run of ${time(listed)}`].filter(Boolean).join(', ');
    return el('li', {}, badge(event, event), ' ', el('strong', {}, named(gpo[G.name])), ' ',
      el('small', {}, named(data.domains[gpo[G.domain]]), about ? `: ${about}` : ''),
      gpo[G.was] ? el('small', {}, ', was called ', named(gpo[G.was])) : null,
      event === 'changed' ? settingsOf(made, 20) : null);
  };

  const showEvents = () => {
    const events = data.gpos.filter((gpo) => gpo[G.event]);
    // The newest first: a domain that could not be reached has none of the last run.
    const listed = (gpo) => data.listed[gpo[G.domain]];
    events.sort((one, other) => listed(other) - listed(one) || one[G.domain] - other[G.domain]);
    const list = byId('changes-list');
    const button = byId('changes-more');
    const more = () => {
      const from = list.childElementCount;
      list.append(...events.slice(from, from + CHUNK).map(eventItem));
      button.hidden = list.childElementCount >= events.length;
    };
    if (!events.length) {
      byId('changes-none').textContent =
        'Nothing: the last run that told of a domain\'s GPOs found none that was new, changed, gone or back.';
    }
    button.addEventListener('click', more);
    // On paper nobody asks for more.
    window.addEventListener('beforeprint', () => {
      while (!button.hidden && list.childElementCount < PRINTED) {
        more();
      }
    });
    more();
  };

  // ------------------------------------------------------------------------------------------------------- charts

  const chartText = (x, y, content, anchor) => svg('text', {x, y, 'text-anchor': anchor}, content);

  // The height of the chart in GPOs. A run that stands out, as the first does, must not flatten all others.
  const highest = (runs) => {
    const sums = runs.map((run) => (run[1] || 0) + (run[2] || 0)).sort((one, other) => other - one);
    const [first = 1, second = 0] = sums;
    return Math.max(1, second && first > 4 * second ? Math.ceil(second * 1.3) : first);
  };

  const showRuns = () => {
    const runs = data.runs;
    const width = 480, height = 150, left = 34, base = 132, top = 14;
    const most = highest(runs);
    const step = (width - left) / Math.max(runs.length, 12);
    const scale = (value) => Math.min(value, most) * (base - top) / most;
    const bars = runs.map(([at, made, failed, domains, bad], number) => {
      const x = left + number * step + step * 0.1;
      const all = (made || 0) + (failed || 0);
      const told = made === null ? 'no backup was asked for' : `${made} backed up, ${failed} failed`;
      return svg('g', {}, svg('title', {}, `${time(at)}: ${told}; ${bad} of ${counted(domains, 'domain')} not well`),
        svg('rect', {x: x - step * 0.1, y: top, width: step, height: base - top, fill: 'transparent'}),
        svg('rect', {class: 'bar-bad', x, y: base - scale(all), width: step * 0.8, height: scale(all)}),
        svg('rect', {class: 'bar', x, y: base - scale(made || 0), width: step * 0.8, height: scale(made || 0)}),
        all > most ? chartText(x, top - 3, `${all.toLocaleString('en')} ↑`, 'start') : null);
    });
    const last = runs[runs.length - 1] || [null, 0, 0];
    const label = `${counted(runs.length, 'run')}; in the last ${last[1] || 0} backed up, ${last[2] || 0} failed`;
    byId('runs-chart').append(svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label},
      svg('line', {class: 'axis', x1: left, x2: width, y1: base, y2: base}),
      chartText(left - 5, top + 8, String(most), 'end'), chartText(left - 5, base, '0', 'end'),
      chartText(left, height - 4, runs.length ? time(runs[0][0]).slice(0, 10) : '', 'start'),
      runs.length > 1 ? chartText(Math.max(left + 150, left + runs.length * step), height - 4,
        time(last[0]).slice(0, 10), 'end') : null,
      ...bars), tableOf(['Run', 'Backed up', 'Failed', 'Domains not well'],
      runs.map((run) => [time(run[0]), run[1] ?? '–', run[2] ?? '–', `${run[4]} of ${run[3]}`]).reverse()));
  };

  // The same as a chart, for who cannot see it. Its rows are made when it is opened.
  const tableOf = (header, rows) => {
    const body = el('tbody');
    const details = el('details', {}, el('summary', {}, 'As a table'), el('table', {},
      el('thead', {}, el('tr', {}, ...header.map((text) => el('th', {scope: 'col'}, text)))), body));
    details.addEventListener('toggle', () => {
      body.replaceChildren(...rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, String(cell))))));
    }, {once: true});
    return details;
  };

  const AGES = [
    [DAY, 'up to a day'], [7 * DAY, 'a week'], [30 * DAY, 'a month'], [90 * DAY, '3 months'], [365 * DAY, 'a year'],
    [Infinity, 'older'],
  ];

  const showAges = () => {
    const counts = [...AGES.map(([_limit, name]) => [name, 0]), ['not known', 0]];
    for (const gpo of data.gpos) {
      if (!['deleted', 'hidden'].includes(words[gpo[G.outcome]])) {
        const old = data.made - gpo[G.newest];
        counts[gpo[G.newest] === null ? AGES.length : AGES.findIndex(([limit]) => old <= limit)][1] += 1;
      }
    }
    const width = 480, row = 21, left = 78;
    const scale = (number) => number * (width - left - 48) / Math.max(1, ...counts.map((count) => count[1]));
    const bars = counts.map(([name, number], place) => svg('g', {},
      chartText(left - 6, place * row + 14, name, 'end'),
      svg('rect', {
        class: name === 'not known' ? 'bar-bad' : 'bar', x: left, y: place * row + 3, height: row - 6,
        width: number ? Math.max(2, scale(number)) : 0,
      }),
      svg('text', {class: 'value', x: left + 5 + scale(number), y: place * row + 14}, number.toLocaleString('en'))));
    byId('ages-chart').append(svg('svg', {
      viewBox: `0 0 ${width} ${row * counts.length}`, role: 'img',
      'aria-label': counts.map(([name, number]) => `${name}: ${number}`).join(', '),
    }, ...bars));
  };

  // How the last runs of a domain ended. Height tells what colour does: what went well is low.
  const HEIGHTS = {ok: 6, late: 10, failed: 16, unreachable: 14};

  const showStrips = () => {
    for (const place of document.querySelectorAll('.strip')) {
      const ends = place.dataset.ends.split(' ').filter(Boolean);
      const bars = ends.map((end, number) => {
        // What is drawn by its border needs room for it.
        const border = end === 'unreachable' ? 1 : 0;
        const x = (30 - ends.length + number) * 5 + (border || 0.5);
        return svg('rect', {
          class: end, x, y: 16 - HEIGHTS[end] - border, width: 4 - border, height: HEIGHTS[end],
        }, svg('title', {}, end));
      });
      const label = `The last runs: ${ends.join(', ')}`;
      place.append(svg('svg', {viewBox: '0 0 150 16', role: 'img', 'aria-label': label}, ...bars));
    }
  };

  // ------------------------------------------------------------------------------------------------------ sorting

  // Makes the headers of a table buttons that sort it. *sort* is given the number of a column, and 1 or -1.
  const sortable = (table, sort) => {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      const button = el('button', {type: 'button'}, ...header.childNodes);
      header.append(button);
      button.addEventListener('click', () => {
        const direction = header.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
        headers.forEach((other) => other.removeAttribute('aria-sort'));
        header.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
        sort(column, direction);
      });
    });
  };

  const showDomains = () => {
    const table = byId('domains-table');
    const numeric = [...table.tHead.rows[0].cells].map((header) => header.dataset.key === 'number');
    const key = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
    const compare = new Intl.Collator('en', {numeric: true}).compare;
    sortable(table, (column, direction) => {
      const rows = [...table.tBodies[0].rows];
      rows.sort((one, other) => direction * (numeric[column] ? key(one, column) - key(other, column)
        : compare(key(one, column), key(other, column))));
      table.tBodies[0].append(...rows);
    });
    table.addEventListener('click', (event) => {
      const link = event.target.closest('[data-domain]');
      if (link) {
        byId('domain').value = link.dataset.domain;
        byId('domain').dispatchEvent(new Event('change'));
      }
    });
  };

  // --------------------------------------------------------------------------------------------------- the GPOs

  const historyOf = (gpo) => {
    const rows = gpo[G.backups].flatMap((backup) => {
      const settings = settingsOf(backup, Infinity);
      const safety = words[backup[B.purpose]] === 'safety' ? 'safety copy' : '';
      const row = el('tr', {}, el('td', {}, time(backup[B.time]) || 'not known'),
        el('td', {}, safety || words[backup[B.reasons]] || 'not known'),
        el('td', {}, named(words[backup[B.comment]])), el('td', {}, el('code', {}, `{${backup[B.id]}}`)));
      return settings ? [row, el('tr', {}, el('td', {colspan: 4}, settings))] : [row];
    });
    const header = ['Backup of', 'Why', 'Comment', 'ID'].map((text) => el('th', {scope: 'col'}, text));
    return [
      el('p', {}, 'GPO ', el('code', {}, `{${gpo[G.id]}}`), gpo[G.status] ? `, ${words[gpo[G.status]]}` : '',
        gpo[G.gone] === null ? '' : `, found deleted ${time(gpo[G.gone])}`),
      gpo[G.was] ? el('p', {}, 'Was called ', named(gpo[G.was])) : null,
      gpo[G.why] ? el('p', {}, 'Why it failed: ', named(words[gpo[G.why]])) : null,
      rows.length ? el('table', {}, el('thead', {}, el('tr', {}, ...header)), el('tbody', {}, ...rows))
        : el('p', {}, 'No backup is known.'),
      gpo[G.more] ? el('p', {class: 'muted'}, `and ${gpo[G.more]} older`) : null,
    ].filter(Boolean);
  };

  let made = 0;

  const rowOf = (gpo) => {
    const id = `detail-${made += 1}`;
    const name = named(gpo[G.name] || `{${gpo[G.id]}}`);
    const button = el('button', {type: 'button', 'aria-expanded': 'false', 'aria-controls': id}, name);
    const newest = gpo[G.newest] === null ? ['–'] : [
      time(gpo[G.newest]), el('br'), el('small', {}, age(data.made - gpo[G.newest])),
    ];
    const row = el('tr', {}, el('th', {scope: 'row'}, button), el('td', {}, named(data.domains[gpo[G.domain]])),
      el('td', {}, stateOf(gpo)), el('td', {}, ...newest), el('td', {}, String(gpo[G.backups].length + gpo[G.more])));
    const detail = el('tr', {class: 'detail', id, hidden: true});
    button.addEventListener('click', () => {
      if (!detail.childElementCount) {
        detail.append(el('td', {colspan: 5}, ...historyOf(gpo)));
      }
      detail.hidden = !detail.hidden;
      button.setAttribute('aria-expanded', String(!detail.hidden));
    });
    return [row, detail];
  };

  const FILTERS = {
    'needs attention': (gpo) => FAILED.includes(words[gpo[G.outcome]])
      || (gpo[G.newest] === null && words[gpo[G.outcome]] !== 'deleted'),
    'new, changed or gone': (gpo) => gpo[G.event] !== 0,
    'in the domain': (gpo) => words[gpo[G.outcome]] !== 'deleted',
    ...Object.fromEntries(Object.entries(STATES).map(
      ([name, text]) => [text, (gpo) => words[gpo[G.outcome]] === name])),
  };

  // What a GPO is found by: its names and IDs, and the settings that changed.
  const hay = [];
  const hayOf = (number) => {
    if (hay[number] === undefined) {
      const gpo = data.gpos[number];
      const settings = gpo[G.backups].flatMap((backup) => backup[B.changes] === null ? []
        : data.changes[backup[B.changes]].flatMap((change) => [words[change[C.place]], change[C.name]]));
      const ids = gpo[G.backups].map((backup) => backup[B.id]);
      const all = [gpo[G.name], gpo[G.id], data.domains[gpo[G.domain]], ...ids, ...settings];
      hay[number] = all.join('\n').toLowerCase();
    }
    return hay[number];
  };

  const showGpos = () => {
    const body = byId('gpos-table').tBodies[0];
    const more = byId('more');
    // GPOs come by name, so their number is the order of their names.
    let order = data.gpos.map((_gpo, number) => number);
    let found = order;
    let shown = 0;

    const show = (most) => {
      const rows = found.slice(shown, shown + most).flatMap((number) => rowOf(data.gpos[number]));
      body.append(...rows);
      shown = Math.min(found.length, shown + most);
      more.hidden = shown >= found.length;
      byId('count').textContent = `${counted(found.length, 'GPO')} of ${data.gpos.length.toLocaleString('en')}`
        + (shown < found.length ? `, ${shown.toLocaleString('en')} of them shown so far` : '');
      return rows[0];
    };

    const filter = () => {
      const text = byId('find').value.trim().toLowerCase();
      const domain = byId('domain').value === '' ? null : Number(byId('domain').value);
      const state = FILTERS[byId('state').value];
      found = order.filter((number) => {
        const gpo = data.gpos[number];
        return (domain === null || gpo[G.domain] === domain) && (!state || state(gpo))
          && (!text || hayOf(number).includes(text));
      });
      body.replaceChildren();
      shown = 0;
      show(CHUNK);
    };

    // Domains come by name, too.
    const keys = [
      (_gpo, number) => number, (gpo) => gpo[G.domain], (gpo) => words[gpo[G.event]] || words[gpo[G.outcome]],
      (gpo) => gpo[G.newest] ?? -1, (gpo) => gpo[G.backups].length + gpo[G.more],
    ];
    sortable(byId('gpos-table'), (column, direction) => {
      const values = data.gpos.map(keys[column]);
      const compare = (one, other) => Number(values[one] > values[other]) - Number(values[one] < values[other]);
      order = data.gpos.map((_gpo, number) => number);
      order.sort((one, other) => direction * compare(one, other) || one - other);
      filter();
    });

    byId('domain').append(...data.domains.map((host, number) => el('option', {value: number}, host)));
    byId('state').append(...Object.keys(FILTERS).map((name) => el('option', {}, name)));
    let waiting = 0;
    byId('find').addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 80);
    });
    byId('domain').addEventListener('change', filter);
    byId('state').addEventListener('change', filter);
    byId('filters').addEventListener('submit', (event) => event.preventDefault());
    more.addEventListener('click', () => show(CHUNK)?.querySelector('button').focus());
    new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting) && !more.hidden) {
        show(CHUNK);
      }
    }, {rootMargin: '400px'}).observe(more);
    window.addEventListener('beforeprint', () => show(PRINTED - shown));
    byId('gpos-table').tHead.rows[0].cells[0].setAttribute('aria-sort', 'ascending');
    filter();
  };

  showRuns();
  showAges();
  showStrips();
  showEvents();
  showDomains();
  showGpos();
})();
