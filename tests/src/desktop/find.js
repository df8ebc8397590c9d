// Finds what a person or a screen reader would find. Arguments: the target; gives the elements, visible ones only.
const target = arguments[0];

const squeeze = (text) => (text ?? '').replace(/\s+/gu, ' ').trim();
const low = (text) => squeeze(text).toLowerCase();

function visible(element) {
  if (element.closest('[inert], [aria-hidden="true"]')) return false;
  if (!element.checkVisibility({ visibilityProperty: true })) return false;
  return element.getClientRects().length > 0;
}

function roleOf(element) {
  const given = element.getAttribute('role');
  if (given) return given.split(' ')[0];
  const tag = element.tagName.toLowerCase();
  const type = (element.getAttribute('type') ?? 'text').toLowerCase();
  switch (tag) {
    case 'a':
    case 'area':
      return element.hasAttribute('href') ? 'link' : 'generic';
    case 'input':
      if (type === 'checkbox' || type === 'radio') return type;
      if (type === 'range') return 'slider';
      if (type === 'number') return 'spinbutton';
      if (type === 'search') return 'searchbox';
      if (['button', 'submit', 'reset', 'image'].includes(type)) return 'button';
      return element.hasAttribute('list') ? 'combobox' : 'textbox';
    case 'select':
      return element.multiple || element.size > 1 ? 'listbox' : 'combobox';
    case 'th':
      return element.getAttribute('scope') === 'row' ? 'rowheader' : 'columnheader';
    default:
      return (
        {
          article: 'article', aside: 'complementary', button: 'button', dd: 'definition', details: 'group', dialog: 'dialog',
          dt: 'term', fieldset: 'group', figure: 'figure', footer: 'contentinfo', form: 'form', h1: 'heading', h2: 'heading',
          h3: 'heading', h4: 'heading', h5: 'heading', h6: 'heading', header: 'banner', hr: 'separator', img: 'img', li: 'listitem',
          main: 'main', menu: 'list', nav: 'navigation', ol: 'list', optgroup: 'group', option: 'option', output: 'status',
          progress: 'progressbar', section: 'region', summary: 'button', svg: 'img', table: 'table', tbody: 'rowgroup', td: 'cell',
          textarea: 'textbox', tfoot: 'rowgroup', thead: 'rowgroup', tr: 'row', ul: 'list',
        }[tag] ?? 'generic'
      );
  }
}

function nameOf(element) {
  const ids = element.getAttribute('aria-labelledby');
  if (ids) {
    const parts = ids.split(/\s+/u).map((id) => document.getElementById(id)?.textContent);
    if (squeeze(parts.join(' '))) return squeeze(parts.join(' '));
  }
  const label = element.getAttribute('aria-label');
  if (label) return squeeze(label);
  if (element.labels?.length) return squeeze([...element.labels].map((one) => one.textContent).join(' '));
  if (element.tagName === 'IMG') return squeeze(element.alt);
  if (element.tagName === 'INPUT' && ['button', 'submit'].includes(element.type)) return squeeze(element.value);
  const own = ['INPUT', 'SELECT', 'TEXTAREA'].includes(element.tagName) ? '' : squeeze(element.textContent);
  return own || squeeze(element.getAttribute('title')) || squeeze(element.getAttribute('placeholder'));
}

function byName(elements, wanted) {
  const equal = elements.filter((element) => low(nameOf(element)) === low(wanted));
  return equal.length ? equal : elements.filter((element) => low(nameOf(element)).includes(low(wanted)));
}

function byText(elements, wanted) {
  const holds = (element) => low(element.textContent).includes(low(wanted));
  const innermost = elements.filter((element) => holds(element) && ![...element.children].some(holds));
  const equal = innermost.filter((element) => low(element.textContent) === low(wanted));
  return equal.length ? equal : innermost;
}

const sameRole = (element, role) => roleOf(element) === role || (role === 'textbox' && ['searchbox', 'combobox', 'spinbutton'].includes(roleOf(element)));

let scopes = [document.body];
if (target.within) {
  const [role, ...rest] = target.within.split(':');
  const inside = [...document.body.querySelectorAll('*')].filter((element) => roleOf(element) === role && visible(element));
  scopes = rest.length ? byName(inside, rest.join(':')) : inside;
}
let found = scopes.slice(0, 1).flatMap((scope) => [...scope.querySelectorAll(target.css ?? '*')]).filter(visible);
if (target.role) found = found.filter((element) => sameRole(element, target.role));
if (target.name) found = byName(found, target.name);
if (target.text) found = byText(found, target.text);
return found.slice(target.nth ?? 0).slice(0, 20);
