"""What the shop keeps: products and orders in PostgreSQL, carts and news in Redis.

Where both are found stands in DATABASE_URL and REDIS_URL, and nowhere else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import psycopg
import redis
from psycopg.rows import dict_row

CART_LASTS_S = 30 * 24 * 3600

WAIT_S = 2
"""How long to wait for Redis to have something: less than its client waits for an answer."""

TABLES = """
SELECT pg_advisory_xact_lock(1);
CREATE TABLE IF NOT EXISTS product (
    id text PRIMARY KEY,
    name text NOT NULL,
    says text NOT NULL,
    cents integer NOT NULL,
    stock integer NOT NULL CHECK (stock >= 0)
);
CREATE TABLE IF NOT EXISTS customer_order (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made timestamptz NOT NULL DEFAULT now(),
    packed timestamptz,
    cents integer NOT NULL
);
CREATE TABLE IF NOT EXISTS order_line (
    customer_order integer NOT NULL REFERENCES customer_order,
    product text NOT NULL REFERENCES product,
    count integer NOT NULL CHECK (count > 0),
    PRIMARY KEY (customer_order, product)
);
"""

PRODUCTS = [
    ("lantern", "Storm lantern", "Burns through the night, and the wind.", 4900, 12),
    ("compass", "Brass compass", "Points home, within two degrees.", 6400, 8),
    ("mug", "Enamel mug", "For what is left of the coffee.", 1400, 40),
    ("rope", "Mooring rope", "Ten metres that hold what you hold dear.", 2200, 25),
    ("buoy", "Harbour buoy", "Red, round, and always afloat.", 8900, 5),
    ("sweater", "Deck sweater", "Wool that has seen weather.", 11900, 9),
]


class SoldOut(Exception):
    """There is not enough of a product."""


def database() -> psycopg.Connection:
    """A connection, and a transaction for the length of its `with` block."""
    return psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row)


cache = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


def prepare() -> None:
    """Makes the tables and fills the shelves, unless that was done."""
    with database() as connection:
        connection.execute(TABLES)
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO product VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING", PRODUCTS
            )


def products() -> list[dict]:
    """All that is sold, in the order of the shelves."""
    shelves = [product[0] for product in PRODUCTS]
    with database() as connection:
        query = "SELECT * FROM product ORDER BY array_position(%s::text[], id)"
        return connection.execute(query, [shelves]).fetchall()


def cart(visitor: str) -> dict[str, int]:
    """How many of each product a visitor wants."""
    return {name: int(count) for name, count in cache.hgetall(f"cart:{visitor}").items()}


def put_into_cart(visitor: str, product: str, count: int) -> None:
    """One more, or one less."""
    key = f"cart:{visitor}"
    if cache.hincrby(key, product, count) <= 0:
        cache.hdel(key, product)
    cache.expire(key, CART_LASTS_S)


def order(visitor: str) -> int:
    """Buys what is in the cart, all or nothing; the number of the order. Raises SoldOut."""
    wanted = cart(visitor)
    with database() as connection:
        cents = sum(_take(connection, name, wanted[name]) for name in sorted(wanted))
        row = connection.execute(
            "INSERT INTO customer_order (cents) VALUES (%s) RETURNING id", [cents]
        ).fetchone()
        for name, count in wanted.items():
            connection.execute(
                "INSERT INTO order_line VALUES (%s, %s, %s)", [row["id"], name, count]
            )
    cache.delete(f"cart:{visitor}")
    cache.rpush("to pack", row["id"])
    tell_all("stock", {product["id"]: product["stock"] for product in products()})
    return row["id"]


def _take(connection: psycopg.Connection, product: str, count: int) -> int:
    query = (
        "UPDATE product SET stock = stock - %(count)s"
        " WHERE id = %(id)s AND stock >= %(count)s RETURNING cents"
    )
    row = connection.execute(query, {"id": product, "count": count}).fetchone()
    if row is None:
        raise SoldOut(product)
    return row["cents"] * count


def next_to_pack() -> int | None:
    """The next order to pack; None when for a while there was none."""
    found = cache.blpop("to pack", timeout=WAIT_S)
    return found and int(found[1])


def pack(order_id: int) -> None:
    """Notes that an order has left the shelves."""
    with database() as connection:
        connection.execute("UPDATE customer_order SET packed = now() WHERE id = %s", [order_id])
    tell_all("packed", order_id)


def tell_all(kind: str, about: object) -> None:
    """Sends news to every open page, whichever process serves it."""
    cache.publish("news", json.dumps({"kind": kind, "about": about}))


def news() -> Iterator[str | None]:
    """What is told to all, from now on; None every few seconds in which there was nothing."""
    with cache.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe("news")
        while True:
            message = channel.get_message(timeout=WAIT_S)
            yield message and message["data"]
