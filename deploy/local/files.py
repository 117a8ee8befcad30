"""The files that the services are given: directory and contacts, our partners, the sandbox as SMS gateway."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

import yaml

from deploy.local import keys, partners, sample, staff
from deploy.local.place import SAMPLE_CONTACTS, SAMPLE_DIRECTORY, Place
from deploy.local.ports import Ports
from deploy.local.vault import Vault, write_private

GATEWAY = {
    "body": {"to": "{to}", "text": "{text}", "request_id": "{request_id}"},
    "status_field": "status",
    "accepted": ["accepted"],
    "duplicate": ["duplicate"],
    "temporary": ["no_balance"],
    "id_field": "id",
    "knows_request_ids": True,
}
# Key in ready.json, label, unit, scopes.
PARTNERS = (
    ("partner_key", "Báo thử (make run)", "binh-luong", ("incident:write", "drill:write", "step:write")),
    (
        "operator_token",
        "Người vận hành (make run)",
        "thanh-hoa",
        ("operator", "alert:read", "report:read", "report:make"),
    ),
    ("district_token", "Đọc số liệu huyện (make run)", "nhu-xuan", ("report:read",)),
    ("successor_token", "Đọc số liệu đơn vị kế nhiệm (make run)", "ke-nhiem-nhu-xuan", ("report:read",)),
)


def prepare(place: Place, ports: Ports, vault: Vault, say: Callable[[str], None]) -> dict[str, str]:
    """Makes what is missing and keeps what somebody edited. Returns the tokens by their key in ready.json."""
    tokens = keys_and_partners(place, vault, say, sandbox=True)
    sandbox_gateway(place, ports.url("sandbox"))
    write_private(place.accounts, staff.listed(vault))
    return tokens


def keys_and_partners(
    place: Place, vault: Vault, say: Callable[[str], None], *, sandbox: bool = False
) -> dict[str, str]:
    """The keys, directory, contacts and, of a sandbox, our partners' tokens, which it returns; no provider yet.

    A real installation has the partners that its operator makes (`partner new`, docs/operator.md) and no others.
    """
    keys.make(place, vault, say, sandbox=sandbox)
    nobody_yet = not (place.directory / "partners.yaml").exists()
    left_alone = [
        *sample.copy(SAMPLE_DIRECTORY, place.directory, once=("partners.yaml",)),
        *sample.copy(SAMPLE_CONTACTS, place.contacts),
    ]
    for name in left_alone:
        say(f"{name}: bản mẫu đã đổi; bản trong {place.shown(place.root)} đã được sửa tay nên giữ nguyên")
    return _our_partners(place, vault, anew=nobody_yet) if sandbox else {}


def _our_partners(place: Place, vault: Vault, *, anew: bool) -> dict[str, str]:
    """`anew`: the list was not there, so whoever is missing from it was not taken out of it by hand."""
    from shared.tokens import token_hash

    wanted, tokens = [], {}
    for key, label, unit, scopes in PARTNERS:
        who, file = key.partition("_")[0], key.replace("_", "-")
        tokens[key] = vault.token(file, prefix=who)
        fresh = anew or file in vault.fresh
        wanted.append(partners.Wanted(f"local-{who}", label, unit, scopes, token_hash(tokens[key]), fresh))
    partners.ensure(place.directory / "partners.yaml", wanted)
    return tokens


def sandbox_gateway(place: Place, url: str) -> None:
    """`url` is where the services reach the sandbox."""
    gateway = {"url": f"{url}/gateway/sms", **GATEWAY}
    place.gateway.write_text(yaml.safe_dump(gateway, sort_keys=False), encoding="utf-8")


def environments(place: Place, settings: Mapping[str, Mapping[str, str]]) -> None:
    """`set -a; . .local/env/reporting; set +a` and a command of reporting runs as the service does."""
    place.env.mkdir(mode=0o700, exist_ok=True)
    for service, values in settings.items():
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(values.items())]
        write_private(place.env / service, "".join(lines))
