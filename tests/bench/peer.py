"""The mark to beat: FastAPI, a pydantic model of the same body, FastStream's confirmed persistent publish. No sealing.

Runs in the environment of `requirements-bench.lock`, under one uvicorn worker with uvloop and httptools.
"""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Literal

from fastapi import FastAPI, Header, HTTPException
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

TOKEN = f"Bearer {os.environ.get('BENCH_TOKEN', '')}"
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4_000)]
Story = Annotated[str, Field(max_length=50_000)]
Code = Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9_-]+$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Carer(Strict):
    full_name: Line | None = None
    age: Annotated[int, Field(ge=0, le=130)] | None = None
    occupation: Line | None = None
    phone: Line | None = None


class Child(Strict):
    full_name: Line | None = None
    birth_date: date | None = None
    age: Annotated[int, Field(ge=0, le=25)] | None = None
    sex: Literal["MALE", "FEMALE", "OTHER", "UNKNOWN"] | None = None
    ethnic_group: Code | None = None
    address: Text | None = None
    residence_commune: Code | None = None
    school: Code | None = None
    groups: Annotated[list[Code], Field(max_length=50)] = []
    condition: Text | None = None
    likely_consequence: Text | None = None
    family_circumstances: Text | None = None
    carer: Text | None = None
    father: Carer | None = None
    mother: Carer | None = None
    prior_actions: Text | None = None
    where_now: Text | None = None


class Suspect(Strict):
    relation: Code | None = None
    works_at: Line | None = None
    full_name: Line | None = None
    description: Text | None = None


class Reporter(Strict):
    full_name: Line | None = None
    phone: Line | None = None
    address: Text | None = None
    relation: Code | None = None
    may_be_called: bool | None = None
    safe_time_to_call: Line | None = None
    note: Text | None = None


class Incident(Strict):
    external_id: Line | None = None
    channel: Code | None = None
    received_at: AwareDatetime | None = None
    occurred_at: AwareDatetime | None = None
    commune: Code
    village: Code | None = None
    place: Text | None = None
    kinds: Annotated[list[Code], Field(max_length=50)] = []
    environment: Code | None = None
    online: bool | None = None
    immediate_danger: bool | None = None
    description: Story | None = None
    withhold_from: Annotated[list[Code], Field(max_length=50)] = []
    children: Annotated[list[Child], Field(max_length=50)] = []
    suspects: Annotated[list[Suspect], Field(max_length=50)] = []
    reporter: Reporter | None = None
    drill: bool = False
    backfill: bool = False


# An unroutable message must be an error here too.
broker = RabbitBroker(
    os.environ.get("AMQP_URL", "amqp://127.0.0.1"),
    default_channel=Channel(publisher_confirms=True, on_return_raises=True),
)
events = RabbitExchange("events", type=ExchangeType.TOPIC, durable=True, declare=False)


@asynccontextmanager
async def connected(_: FastAPI) -> AsyncIterator[None]:
    await broker.start()
    yield
    await broker.stop()


app = FastAPI(lifespan=connected)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/incidents", status_code=202)
async def post(report: Incident, authorization: Annotated[str, Header()] = "") -> dict[str, str]:
    if not secrets.compare_digest(authorization, TOKEN):
        raise HTTPException(401)
    event_id = str(uuid.uuid4())
    await broker.publish(
        report, exchange=events, routing_key="incident.reported", persist=True, mandatory=True, message_id=event_id
    )
    return {"incident_id": event_id, "event_id": event_id}
