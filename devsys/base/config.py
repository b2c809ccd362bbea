"""Settings: read once, in the command line, and handed on as a frozen value."""

from email.utils import parseaddr
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from devsys.base.group_roles import split

_ROLES: Final = ("administrator", "coordinator", "facilitator", "coach", "lead", "assessor")


class Settings(BaseSettings):
    """Every DEVSYS_* key with its meaning. Frozen: nothing changes them while the program runs."""

    model_config = SettingsConfigDict(env_prefix="DEVSYS_", frozen=True, extra="ignore")

    home: Path = Field(Path("instance"), description="Folder of the embedded database, the secret and backups.")
    database_url: str = Field("", description="Database address; empty means SQLite in the home folder.")
    host: str = Field("127.0.0.1", description="Address the web face listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the web face listens on.")
    base_url: str = Field("", description="Public address, for links; empty means http://HOST:PORT.")
    web_workers: int = Field(2, ge=1, le=32, description="Web processes.")
    web_threads: int = Field(4, ge=1, le=64, description="Threads of each web process.")
    schedules: Path | None = Field(None, description="Folder of own programme files, searched before the shipped.")
    freeze_days: int = Field(14, ge=0, le=90, description="Days after publishing in which sessions stand firm.")
    card_days: int = Field(28, ge=1, le=365, description="Days after a case round in which texts of its cards stay.")
    sign_in_hours: int = Field(12, ge=1, le=720, description="Hours after which an unused sign-in ends.")
    oidc_issuer: str = Field(
        "",
        pattern=r"^(https://[^\s?#@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/[^\s?#@]*)?)?$",
        description="Issuer of the OpenID Connect provider people sign in by, exactly as it names itself; empty: none.",
    )
    oidc_client_id: str = Field("", description="Name devsys has at the provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Secret devsys has at the provider.")
    oidc_client_secret_file: Path | None = Field(None, description="File that holds it, instead of the setting.")
    oidc_scopes: str = Field("openid email profile", description="Scopes that are asked for.")
    oidc_groups_claim: str = Field(
        "groups",
        description="Claim that lists somebody's groups: of the ID token, or of userinfo where the token has none.",
    )
    oidc_roles: str = Field(
        "",
        description='Roles by group, as `learning-admins=administrator, "CN=leads,OU=Berlin"=lead:CODE-OF-TEAM`: names '
        "with a comma stand in quotation marks.",
    )
    oidc_words: str = Field(
        "Sign in with your organisation", min_length=1, max_length=60, description="Words of the button."
    )
    oidc_hours: int = Field(
        10, ge=1, le=72, description="Hours after which the provider is asked again, however much devsys was used."
    )
    oidc_only: bool = Field(
        False,  # noqa: FBT003 -- a default
        description="Whether accounts linked to the provider cannot sign in with a password.",
    )
    second_step_required: bool = Field(
        False,  # noqa: FBT003 -- a default
        description="Whether administrators and coordinators who sign in by password need a second step; they set "
        "it up at their next sign-in, before anything else.",
    )
    executor: str = Field(
        "process",
        pattern=r"^(process|thread|inline|dask://[^/\s]+:[0-9]{1,5})$",
        description="Who draws plans: `process` (of this machine), `inline` (the worker itself), `thread`, or the "
        "scheduler at `dask://HOST:PORT`.",
    )
    plan_workers: int = Field(0, ge=0, le=256, description="Processes a plan is drawn with; 0: one for each processor.")
    smtp_host: str = Field("", description="Mail server that letters leave by; empty: letters wait.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way to it is closed: `starttls`, `tls` (from the first byte), `none`."
    )
    smtp_user: str = Field("", description="Name to sign in to the mail server with; empty: without signing in.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password for it.")
    smtp_seconds: int = Field(20, ge=1, le=300, description="Seconds after which a silent mail server is given up.")
    mail_from: str = Field("", description="Sender of letters, as `Learning <learning@example.org>`.")
    imap_host: str = Field("", description="Server of the mailbox that answers by calendar come to; empty: not read.")
    imap_port: int = Field(993, ge=1, le=65535, description="Port of it.")
    imap_security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="How the way to it is closed: `tls` (from the first byte), `starttls`, `none`."
    )
    imap_user: str = Field("", description="Name to sign in to the mailbox with.")
    imap_password: SecretStr = Field(SecretStr(""), description="Password for it.")
    imap_folder: str = Field(
        "INBOX", pattern=r"^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}$", description="Folder that is read."
    )
    api_requests: int = Field(600, ge=1, le=100_000, description="Requests a minute of one token of the API.")
    language: Literal["en", "de"] = Field(
        "en",
        description="Language of letters and pages where nobody chose one, and of what is kept and given to programs: "
        "`en`, `de`.",
    )
    quiet_minutes: int = Field(20, ge=0, le=1440, description="Minutes in which further changes join a letter.")
    busy_addresses: bool = Field(
        False,  # noqa: FBT003 -- a default
        description="Whether people may give https addresses of their calendars, which the worker then fetches; else "
        "they bring files.",
    )
    candidate_months: int = Field(
        6, ge=1, le=24, description="Months after a decision in which candidates are erased; without one, twice that."
    )
    demo_password: str = Field("", description="Password of the demo accounts; empty means random.")
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Token that /metrics wants as `Authorization: Bearer ...`; empty: there is no such page.",
    )
    log_form: Literal["auto", "text", "json"] = Field(
        "auto", description="Form of the log: `text`, `json` (one object a line), `auto`: text at a terminal only."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is logged.")

    @field_validator("oidc_roles")
    @classmethod
    def _are_roles(cls, given: str) -> str:
        for group, role, _ in split(given):
            if role not in _ROLES:
                raise ValueError(f"{group!r} is no group with a role: {role!r} is none")
        return given

    @field_validator("oidc_scopes")
    @classmethod
    def _asks_for_an_id(cls, given: str) -> str:
        if "openid" not in given.split():
            raise ValueError("`openid` belongs to it")
        return given

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, given: str) -> str:
        if not given:
            return given
        if "=?" in given or any(ord(letter) < ord(" ") for letter in given):
            raise ValueError("no control characters and no '=?'")
        name, address = parseaddr(given)
        local, at, host = address.partition("@")
        if not (local and at and host) or not address.isascii() or " " in address or "@" in host:
            raise ValueError("one address, as learning@example.org or Learning <learning@example.org>")
        return f"{name} <{address}>" if name else address

    @property
    def url(self) -> str:
        """The database address, with the embedded SQLite file when none is set."""
        return self.database_url or f"sqlite:///{(self.home / 'devsys.db').absolute()}"

    @property
    def public_url(self) -> str:
        """The address links are built on, without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")
