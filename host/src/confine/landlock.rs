//! Files and ports, by Landlock: <https://landlock.io>. As much of it as the
//! kernel has; what it has not is told.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, make_bitflags,
};

use super::{
    needs::{Needs, Place, Reach, SYSTEM},
    report::Files,
};

/// Everything that is known to be restricted: Linux 6.12 has it. A newer kernel
/// restricts no more until somebody has looked at what that breaks.
const KNOWN: ABI = ABI::V6;

/// Restricts the calling thread, and whatever it starts, to what `needs` names.
pub(super) fn restrict(needs: &Needs) -> Files {
    match apply(needs) {
        Ok(files) => files,
        Err(error) => Files::none(format!("Landlock refuses the rules: {error}")),
    }
}

fn apply(needs: &Needs) -> Result<Files, RulesetError> {
    let mut ruleset = Ruleset::default().handle_access(AccessFs::from_all(KNOWN))?.scope(Scope::from_all(KNOWN))?;
    if !needs.any_port() {
        ruleset = ruleset.handle_access(AccessNet::from_all(KNOWN))?;
    }
    let mut created = ruleset.create()?;
    let mut absent = Vec::new();
    for place in needs.places() {
        created = match PathFd::new(&place.path) {
            Ok(opened) => created.add_rule(PathBeneath::new(opened, rights(place)))?,
            Err(_) => {
                absent.extend((place.line != SYSTEM).then(|| place.path.clone()));
                created
            }
        };
    }
    if !needs.any_port() {
        created = ports(created, needs)?;
    }
    let status = created.restrict_self()?;
    let abi = match status.landlock {
        LandlockStatus::NotEnabled => return Ok(Files::none("Landlock is switched off in this kernel".to_owned())),
        LandlockStatus::NotImplemented => return Ok(Files::none("this kernel has no Landlock".to_owned())),
        LandlockStatus::Available { effective_abi, .. } => effective_abi as i32,
    };
    Ok(Files {
        abi,
        whole: status.ruleset == RulesetStatus::FullyEnforced,
        ports: !needs.any_port(),
        places: needs.places().iter().filter(|place| place.path.exists()).count(),
        absent,
        trouble: None,
    })
}

fn ports(mut created: RulesetCreated, needs: &Needs) -> Result<RulesetCreated, RulesetError> {
    for port in needs.listens() {
        created = created.add_rule(NetPort::new(*port, AccessNet::BindTcp))?;
    }
    for (port, _) in needs.connects() {
        created = created.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    Ok(created)
}

/// What may be done in a place. Nothing is ever executed, no device is spoken
/// to, and no link, socket, pipe or device is made.
fn rights(place: &Place) -> BitFlags<AccessFs> {
    let read = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let replace = read | make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | RemoveFile});
    let rights = match place.reach {
        Reach::Read => read,
        Reach::Replace => replace,
        Reach::Write => replace | make_bitflags!(AccessFs::{MakeDir | RemoveDir | Refer}),
    };
    if place.path.is_dir() { rights } else { rights & AccessFs::from_file(KNOWN) }
}
