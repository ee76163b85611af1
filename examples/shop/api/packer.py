"""Packs what was ordered, one order after the other."""

from __future__ import annotations

import time

import store

PACKING_TAKES_S = 1.5

print("waiting for orders")
while True:
    order_id = store.next_to_pack()
    if order_id is not None:
        time.sleep(PACKING_TAKES_S)
        store.pack(order_id)
        print(f"order {order_id} is packed")
