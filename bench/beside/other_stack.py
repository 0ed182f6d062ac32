"""What would another stack do? FastAPI with asyncpg reads the same rows and answers with the same bytes; nobody signs in."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from fastapi import FastAPI, Response

BODIES = {file.name: file.read_bytes() for file in Path(os.environ["BENCH_BODIES"]).iterdir()}
MANY = "SELECT * FROM session WHERE patient_id = $1 ORDER BY target_on, kind, number"
ONE = "SELECT * FROM session WHERE id = $1"


@asynccontextmanager
async def _pool(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=2, max_size=8) as app.state.pool:
        yield


app = FastAPI(lifespan=_pool)


@app.get("/list/{patient_id}")
async def many(patient_id: str) -> Response:
    await app.state.pool.fetch(MANY, patient_id)
    return Response(BODIES["list"], media_type="application/json")


@app.get("/one/{session_id}")
async def one(session_id: str) -> Response:
    await app.state.pool.fetchrow(ONE, session_id)
    return Response(BODIES["one"], media_type="application/json")
