"""One function per use case: what every face calls, and nothing else.

This room joins its siblings below (see, run, report never import one another) and holds no
knowledge of its own. Imports are inside the functions: a use case pays only for its own parts.
"""

from __future__ import annotations

from homeport.api.keeping import kept_of_projects as kept_of_projects
from homeport.api.keeping import remove_kept as remove_kept
from homeport.api.leasing import become as become
from homeport.api.leasing import keep as keep
from homeport.api.leasing import kept as kept
from homeport.api.leasing import lease as lease
from homeport.api.leasing import leases as leases
from homeport.api.running import ask_services as ask_services
from homeport.api.running import attach as attach
from homeport.api.running import become_command as become_command
from homeport.api.running import database_steps as database_steps
from homeport.api.running import declaration as declaration
from homeport.api.running import follow as follow
from homeport.api.running import kept_lines as kept_lines
from homeport.api.running import outlet as outlet
from homeport.api.running import project_status as project_status
from homeport.api.running import projects as projects
from homeport.api.running import run_command as run_command
from homeport.api.running import service_environment as service_environment
from homeport.api.running import service_names as service_names
from homeport.api.running import start_service as start_service
from homeport.api.running import stop_all as stop_all
from homeport.api.running import up as up
from homeport.api.running import write_output as write_output
from homeport.api.seeing import announcer as announcer
from homeport.api.seeing import check as check
from homeport.api.seeing import check_repeatedly as check_repeatedly
from homeport.api.seeing import declared_services as declared_services
from homeport.api.seeing import end as end
from homeport.api.seeing import explain as explain
from homeport.api.seeing import forget as forget
from homeport.api.seeing import graph as graph
from homeport.api.seeing import grouped as grouped
from homeport.api.seeing import history as history
from homeport.api.seeing import identified as identified
from homeport.api.seeing import identify as identify
from homeport.api.seeing import own_uids as own_uids
from homeport.api.seeing import plan_ending as plan_ending
from homeport.api.seeing import project_root as project_root
from homeport.api.seeing import recorded as recorded
from homeport.api.seeing import select as select
from homeport.api.seeing import select_edges as select_edges
from homeport.api.seeing import select_events as select_events
from homeport.api.seeing import snapshot as snapshot
from homeport.api.seeing import user_exists as user_exists
from homeport.api.seeing import was_recorded as was_recorded
from homeport.api.seeing import watch as watch
from homeport.api.seeing import write_report as write_report
from homeport.api.trusting import check_trust as check_trust
from homeport.api.trusting import client_environment as client_environment
from homeport.api.trusting import distrust as distrust
from homeport.api.trusting import trust as trust
from homeport.api.trusting import trust_notice as trust_notice
