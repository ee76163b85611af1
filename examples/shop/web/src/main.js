// The page: products on shelves, a cart beside them, and what changes while it is open.

const euros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
const shown = (id) => document.getElementById(id);

let products = [];
let cart = {};
let ordered = null;

async function ask(path, options) {
  const response = await fetch(`/api/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

function element(tag, fields = {}, ...children) {
  const made = Object.assign(document.createElement(tag), fields);
  made.append(...children);
  return made;
}

function button(text, label, onclick) {
  return element("button", { textContent: text, ariaLabel: label, onclick });
}

function shelf({ id, name, says, cents }) {
  return element(
    "li",
    { className: "product" },
    element("img", { src: `/${id}.svg`, alt: "" }),
    element("h3", { textContent: name }),
    element("p", { textContent: says }),
    element(
      "footer",
      {},
      element("strong", { textContent: euros.format(cents / 100) }),
      element("span", { className: "stock" }),
      button("Add", `Add ${name} to the cart`, () => inTurn(() => put(id, 1))),
    ),
  );
}

function fillShelf(row, { id, stock }) {
  row.querySelector(".stock").textContent = stock ? `${stock} left` : "sold out";
  row.querySelector("button").disabled = stock <= (cart[id] ?? 0);
}

function line({ id, name }) {
  return element(
    "li",
    {},
    element("span", { className: "count" }),
    element("span", { textContent: name }),
    element("span", { className: "price" }),
    button("−", `One ${name} less`, () => inTurn(() => put(id, -1))),
  );
}

function fillLine(row, { id, cents }) {
  row.querySelector(".count").textContent = `${cart[id]} ×`;
  row.querySelector(".price").textContent = euros.format((cart[id] * cents) / 100);
}

// A row stays the same element while it is shown: a button that is replaced between the press of
// the mouse and its release is not clicked.
function list(place, wanted, make, fill) {
  const ids = new Set(wanted.map(({ id }) => id));
  for (const row of [...place.children]) if (!ids.has(row.dataset.product)) row.remove();
  wanted.forEach((product, n) => {
    let row = place.children[n];
    if (row?.dataset.product !== product.id) {
      row = place.insertBefore(make(product), row ?? null);
      row.dataset.product = product.id;
    }
    fill(row, product);
  });
}

function draw() {
  const wanted = products.filter(({ id }) => cart[id]);
  const cents = wanted.reduce((sum, { id, cents }) => sum + cart[id] * cents, 0);
  list(shown("products"), products, shelf, fillShelf);
  list(shown("cart"), wanted, line, fillLine);
  shown("total").textContent = cents ? `Together ${euros.format(cents / 100)}` : "Nothing in it yet.";
  shown("order").disabled = !cents;
}

// Each deed waits for the one before: of two answers that overtake each other the older would stay.
let turn = Promise.resolve();

function inTurn(deed) {
  turn = turn.catch(() => {}).then(deed);
  return turn;
}

async function put(id, count) {
  cart = await ask(`cart/${id}?count=${count}`, { method: "POST" });
  draw();
}

async function order() {
  try {
    ordered = (await ask("orders", { method: "POST" })).order;
    cart = {};
    shown("said").textContent = `Thank you! Order ${ordered} is being packed.`;
  } catch (error) {
    shown("said").textContent = `Sorry: ${error.message}.`;
  }
  draw();
}

function hear({ kind, about }) {
  if (kind === "stock") {
    products = products.map((each) => ({ ...each, stock: about[each.id] ?? each.stock }));
    draw();
  } else if (kind === "packed" && about === ordered) {
    shown("said").textContent = `Order ${about} is packed and on its way.`;
  }
}

function listen() {
  const socket = new WebSocket("/api/news");
  socket.onopen = () => live(true);
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  socket.onclose = () => {
    live(false);
    setTimeout(listen, 1000);
  };
}

function live(connected) {
  shown("live").textContent = connected ? "live" : "not connected";
  shown("live").classList.toggle("on", connected);
}

shown("order").onclick = () => inTurn(order);
[products, cart] = await Promise.all([ask("products"), ask("cart")]);
draw();
listen();
