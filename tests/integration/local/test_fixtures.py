from __future__ import annotations

import pika
import pymongo


def test_a_vhost_is_usable_at_once_and_empty(vhost):
    connection = pika.BlockingConnection(pika.URLParameters(vhost))
    try:
        channel = connection.channel()
        channel.queue_declare("here", durable=True, arguments={"x-queue-type": "quorum"})
        assert channel.basic_get("here") == (None, None, None)
    finally:
        connection.close()


def test_a_database_takes_majority_writes(mongo_database):
    with pymongo.MongoClient(mongo_database.url, w="majority", timeoutMS=10_000) as client:
        client[mongo_database.name].things.insert_one({"_id": 1})
        assert client[mongo_database.name].things.find_one() == {"_id": 1}
