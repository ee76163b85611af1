"""The shop's API, and the WebSocket on which it tells open pages what has changed."""

from __future__ import annotations

import uuid

from flask import Flask, Response, abort, g, request
from flask_sock import Sock

import store

app = Flask(__name__)
app.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": 25}
sock = Sock(app)
store.prepare()


@app.before_request
def know_the_visitor() -> None:
    """A number for each browser: enough to have a cart."""
    g.visitor = request.cookies.get("visitor") or uuid.uuid4().hex


@app.after_request
def remember_the_visitor(response: Response) -> Response:
    age = store.CART_LASTS_S
    response.set_cookie("visitor", g.visitor, max_age=age, httponly=True, samesite="Lax")
    return response


@app.get("/api/health")
def health() -> str:
    store.cache.ping()
    return "fine\n"


@app.get("/api/products")
def products() -> list[dict]:
    return store.products()


@app.get("/api/cart")
def cart() -> dict[str, int]:
    return store.cart(g.visitor)


@app.post("/api/cart/<product>")
def put_into_cart(product: str) -> dict[str, int]:
    if product not in {each["id"] for each in store.products()}:
        abort(404)
    store.put_into_cart(g.visitor, product, int(request.args.get("count", 1)))
    return store.cart(g.visitor)


@app.post("/api/orders")
def order() -> tuple[dict, int]:
    if not store.cart(g.visitor):
        return {"error": "the cart is empty"}, 400
    try:
        return {"order": store.order(g.visitor)}, 201
    except store.SoldOut as sold_out:
        return {"error": f"not enough of {sold_out}"}, 409


@sock.route("/api/news")
def news(socket) -> None:
    for message in store.news():
        if message is not None:
            socket.send(message)
        elif not socket.connected:
            return
