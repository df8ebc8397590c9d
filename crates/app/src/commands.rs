//! The one command list: the contract for desktop, command line and tests.
//!
//! Each command is `name(Request) -> Response` with the cache tags that it provides or invalidates. The list
//! calls a method of the same name on [`Desk`], so a command without a handler does not compile.

use crate::desk::Desk;
use crate::wire::*;

/// What the list says of one command.
#[derive(Clone, Copy, Debug)]
pub struct CommandInfo {
    /// The name.
    pub name: &'static str,
    /// The request's type, as TypeScript names it.
    pub request: fn() -> String,
    /// The response's type, as TypeScript names it.
    pub response: fn() -> String,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// Tags of what a query answers.
    pub provides: &'static [&'static str],
    /// Tags of what an act changes; empty for queries.
    pub invalidates: &'static [&'static str],
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident($request:ty) -> $response:ty, [$($provides:ident)*] => [$($invalidates:ident)*];)*) => {
        /// Every command, in the order of the screens.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            name: stringify!($name),
            request: || <$request as ts_rs::TS>::name(&ts_rs::Config::default()),
            response: || <$response as ts_rs::TS>::name(&ts_rs::Config::default()),
            about: concat!($($doc),*),
            provides: &[$(stringify!($provides)),*],
            invalidates: &[$(stringify!($invalidates)),*],
        }),*];

        /// Calls a command by name with JSON on both sides.
        pub(crate) fn dispatch(desk: &Desk, name: &str, request: serde_json::Value) -> Result<serde_json::Value, WireError> {
            match name {
                $(stringify!($name) => {
                    let request: $request = serde_json::from_value(request).map_err(|error| WireError::malformed(stringify!($name), &error))?;
                    let response: $response = desk.$name(request).map_err(WireError::from)?;
                    serde_json::to_value(response).map_err(|error| WireError::malformed(stringify!($name), &error))
                })*
                other => Err(WireError::no_such_command(other)),
            }
        }

        /// Writes every request and response type as TypeScript into a folder.
        pub(crate) fn export_types(config: &ts_rs::Config) -> Result<(), ts_rs::ExportError> {
            $(<$request as ts_rs::TS>::export_all(config)?; <$response as ts_rs::TS>::export_all(config)?;)*
            <WireError as ts_rs::TS>::export_all(config)?;
            <Changed as ts_rs::TS>::export_all(config)
        }
    };
}

commands! {
    /// Shows the frame: who signs here, which ledger, which products.
    desk_show(Empty) -> DeskView, [desk] => [];
    /// Makes the sample product with its people, pipeline and ledger.
    sample_create(SampleCreate) -> Done, [] => [desk inbox line release feature issue strategy ledger people connection];
    /// Begins one's own ledger.
    desk_create(DeskCreate) -> Done, [] => [desk inbox line release feature issue strategy ledger people connection];
    /// Opens the passphrase file or protected keys.
    desk_unlock(DeskUnlock) -> Done, [] => [desk people];
    /// Lists the starter processes.
    starter_list(Empty) -> StarterList, [starter] => [];
    /// Signs as someone else whose key is on this machine.
    person_switch(PersonSwitch) -> Done, [] => [desk inbox line release feature issue strategy people connection];
    /// Accepts that a back-up was restored.
    restore_accept(RestoreAccept) -> Done, [] => [desk ledger];
    /// Finds anything by words.
    find(Find) -> FindResult, [line release feature issue] => [];

    /// Lists everything that waits for the person who signs here.
    inbox_list(Empty) -> Inbox, [inbox] => [];

    /// Shows a service's line.
    line_show(LineShow) -> LineView, [line] => [];
    /// Shows what runs where.
    where_show(WhereShow) -> WhereView, [line] => [];
    /// Shows one build.
    build_show(BuildShow) -> BuildView, [line] => [];
    /// Looks for new builds at the pipelines now.
    builds_scan(BuildsScan) -> ScanView, [] => [desk inbox line release feature ledger];
    /// Records a build by hand.
    build_record(BuildRecord) -> Done, [] => [desk inbox line release feature ledger];
    /// Lets automation admit nothing to a stage.
    stage_hold(StageHold) -> Done, [] => [desk inbox line ledger];
    /// Lets automation go on.
    stage_release(StageRelease) -> Done, [] => [desk inbox line ledger];

    /// Shows the decision sheet of a build at a stage.
    packet_show(PacketShow) -> PacketView, [packet line] => [];
    /// Approves or rejects at a gate.
    gate_sign(GateSign) -> Done, [] => [desk inbox line packet release feature issue ledger];
    /// Takes a sign-off back.
    signoff_withdraw(SignoffWithdraw) -> Done, [] => [desk inbox line packet ledger];
    /// Marks a checklist item.
    checklist_set(ChecklistSet) -> Done, [] => [desk inbox line packet release ledger];
    /// Records a check's result by hand.
    check_record(CheckRecord) -> Done, [] => [desk inbox line packet release ledger];
    /// Shows how a promotion would be carried out.
    promotion_preview(PromotionPreview) -> PreviewView, [packet line] => [];
    /// Puts a ready build into a stage.
    build_promote(BuildPromote) -> Done, [] => [desk inbox line packet release feature ledger];
    /// Brings back a build that passed before.
    build_roll_back(BuildRollBack) -> Done, [] => [desk inbox line packet release issue ledger];
    /// Runs a failed deployment again.
    deployment_retry(DeploymentRetry) -> Done, [] => [desk inbox line packet release ledger];
    /// Opens a stage that a failure holds.
    failure_release(FailureRelease) -> Done, [] => [desk inbox line packet release ledger];
    /// Stops a running deployment.
    deployment_cancel(DeploymentCancel) -> Done, [] => [desk inbox line packet release ledger];
    /// Says how a deployment with an unknown outcome ended.
    deployment_settle(DeploymentSettle) -> Done, [] => [desk inbox line packet release ledger];
    /// Has the pipeline system run again what failed there.
    remote_retry(RemoteRetry) -> Done, [] => [desk inbox line packet];
    /// Answers the pipeline system's own gate again.
    answer_again(AnswerAgain) -> Done, [] => [desk inbox line packet ledger];
    /// Says how an answer with an unknown outcome ended.
    answer_settle(AnswerSettle) -> Done, [] => [desk inbox line packet ledger];
    /// Explains a change that the ledger could not.
    change_explain(ChangeExplain) -> Done, [] => [desk inbox line packet ledger];
    /// Reads the log of a deployment, or of a test of a whole product.
    deployment_log(DeploymentLog) -> LogView, [log] => [];

    /// Lists releases.
    release_list(ReleaseList) -> Releases, [release] => [];
    /// Shows a release's room.
    release_show(ReleaseShow) -> ReleaseView, [release line] => [];
    /// Plans a release.
    release_create(ReleaseCreate) -> Done, [] => [desk inbox release ledger];
    /// Chooses the builds of a release.
    release_choose(ReleaseChoose) -> Done, [] => [desk inbox release line packet ledger];
    /// Writes a section of a plan.
    plan_section_write(PlanSectionWrite) -> Done, [] => [desk inbox release line packet ledger];
    /// Waives a section, or takes the waiver back.
    plan_section_waive(PlanSectionWaive) -> Done, [] => [desk inbox release line packet ledger];
    /// Adds or changes a step.
    plan_step_set(PlanStepSet) -> Done, [] => [desk inbox release ledger];
    /// Removes a step.
    plan_step_remove(PlanStepRemove) -> Done, [] => [desk inbox release ledger];
    /// Moves a step.
    plan_step_move(PlanStepMove) -> Done, [] => [desk inbox release ledger];
    /// Signs go or no-go.
    release_go(ReleaseGo) -> Done, [] => [desk inbox release line packet ledger];
    /// Shows how a product is tested and released as a whole.
    releasing_show(ReleasingShow) -> ReleasingView, [release line] => [];
    /// Says what a rule of membership would do, without setting it.
    membership_dry_run(MembershipTry) -> MembershipDry, [release line connection] => [];
    /// Says which services belong to a product's releases.
    membership_set(MembershipSet) -> Done, [] => [release ledger];
    /// Tells how a test of a product ended.
    product_test_record(ProductTestRecord) -> Done, [] => [desk inbox line packet release ledger];
    /// Binds the pipeline that tests a product, or none.
    product_test_bind(ProductTestBind) -> Done, [] => [release ledger];
    /// Begins a test of a product.
    product_test_begin(ProductTestBegin) -> Done, [] => [desk inbox line packet release ledger];
    /// Sets when the tests of a product begin by themselves.
    trigger_set(TriggerSet) -> Done, [] => [release ledger];
    /// Says when a trigger would come.
    trigger_next(TriggerNext) -> TriggerPreview, [trigger] => [];
    /// Ends a build's way everywhere.
    build_veto(BuildVeto) -> Done, [] => [desk inbox line packet release feature ledger];
    /// Shows the sheet on which a whole release is sent on.
    send_show(SendShow) -> SendView, [release line packet] => [];
    /// Sends a whole release on into a stage.
    release_send(ReleaseSend) -> Done, [] => [desk inbox line packet release feature ledger];
    /// Sends again the services that did not go.
    release_resume(ReleaseResume) -> Done, [] => [desk inbox line packet release feature ledger];
    /// Compares two releases.
    release_compare(ReleaseCompare) -> CompareView, [release] => [];
    /// Ends a release.
    release_finish(ReleaseFinish) -> Done, [] => [desk inbox release line packet ledger];

    /// Searches features.
    feature_list(FeatureList) -> Features, [feature] => [];
    /// Shows a feature and the sheet to sign it.
    feature_show(FeatureShow) -> FeatureView, [feature line] => [];
    /// Asks for a feature.
    feature_request(FeatureRequest) -> Done, [] => [desk inbox feature line packet ledger];
    /// Moves a feature by hand.
    feature_move(FeatureMoveTo) -> Done, [] => [desk inbox feature line packet ledger];
    /// Lists the versions of a project at the feature tracker.
    tracker_versions(TrackerVersions) -> TrackerVersionList, [tracker] => [];
    /// Lists the features that are planned for a version at the tracker.
    tracker_look(TrackerLook) -> TrackerFeatures, [tracker] => [];
    /// Takes features over from the tracker.
    tracker_import(TrackerImport) -> TrackerOutcomes, [] => [desk inbox feature line packet ledger];
    /// Shows a feature's state at its tracker.
    feature_tracked(FeatureTracked) -> TrackedView, [tracker connection] => [];
    /// Signs a feature in a build.
    feature_sign(FeatureSign) -> Done, [] => [desk inbox feature line packet ledger];

    /// Searches the issue log.
    issue_list(IssueList) -> Issues, [issue] => [];
    /// Shows one entry of the issue log.
    issue_show(IssueShow) -> IssueView, [issue] => [];
    /// Records a problem.
    issue_record(IssueRecord) -> Done, [] => [desk inbox issue release line packet ledger];
    /// Changes what is known of a problem.
    issue_amend(IssueAmend) -> Done, [] => [desk inbox issue release line packet ledger];
    /// Meets a problem again.
    issue_meet(IssueMeet) -> Done, [] => [desk inbox issue release line packet ledger];
    /// Closes a problem with a lesson.
    issue_close(IssueClose) -> Done, [] => [desk inbox issue release line packet ledger];
    /// Throws an issue draft away.
    draft_discard(DraftDiscard) -> Done, [] => [inbox issue packet];

    /// Shows a strategy version.
    strategy_show(StrategyShow) -> StrategyView, [strategy] => [];
    /// Writes a new version of a strategy.
    strategy_draft(StrategyDraft) -> Done, [] => [desk inbox strategy ledger];
    /// Agrees to a strategy version.
    strategy_cosign(StrategyCosign) -> Done, [] => [desk inbox strategy ledger];
    /// Puts a strategy version in force.
    strategy_activate(StrategyActivate) -> Done, [] => [desk inbox strategy line release ledger];
    /// Looks for defects in a process.
    process_check(ProcessCheck) -> ProcessReport, [strategy] => [];

    /// Lists ledger entries.
    ledger_list(LedgerList) -> Entries, [ledger] => [];
    /// Shows one ledger entry.
    ledger_entry(LedgerEntry) -> EntryView, [ledger] => [];
    /// Verifies the ledger from its first entry.
    ledger_verify(LedgerVerify) -> VerifyView, [] => [desk];
    /// Says how far a running verification is.
    verify_progress(Empty) -> ProgressView, [progress] => [];
    /// Stops a running verification.
    verify_cancel(Empty) -> Done, [] => [];
    /// Writes entries to a file.
    ledger_export(LedgerExport) -> ExportView, [] => [desk ledger];
    /// Makes a signed checkpoint.
    checkpoint_make(Empty) -> CheckpointView, [] => [ledger];

    /// Lists people and their keys.
    person_list(Empty) -> People, [people] => [];
    /// Enrols a person.
    person_enrol(PersonEnrol) -> Done, [] => [desk people ledger strategy];
    /// Sets a person's roles.
    person_roles_set(PersonRolesSet) -> Done, [] => [desk inbox people ledger strategy line];
    /// Ends a key.
    key_revoke(KeyRevoke) -> Done, [] => [desk inbox people ledger strategy line];
    /// Lists the kinds of systems that can be connected, and what each asks for.
    connection_kinds(Empty) -> ConnectionKinds, [kind] => [];
    /// Lists connections and the services bound to them.
    connection_list(Empty) -> Connections, [connection] => [];
    /// Adds a connection.
    connection_add(ConnectionAdd) -> Done, [] => [connection ledger];
    /// Points a known connection at another place on this machine.
    connection_address(ConnectionAddress) -> Done, [] => [connection line];
    /// Keeps a connection's secret in this machine's keychain.
    connection_secret_set(ConnectionSecretSet) -> Done, [] => [connection line];
    /// Removes a connection's secret from this machine's keychain.
    connection_secret_forget(ConnectionSecretForget) -> Done, [] => [connection line];
    /// Tests a connection or an address.
    connection_test(ConnectionTest) -> TestView, [connection] => [];
    /// Proposes how a service's stages are bound to a pipeline.
    binding_suggest(BindingSuggest) -> BindingSuggestion, [connection] => [];
    /// Binds a service to a pipeline.
    service_bind(ServiceBind) -> Done, [] => [connection line ledger];
    /// Says which pipelines would become services of a product.
    binding_dry_run(BindingDryRun) -> BindingDry, [connection] => [];
    /// Takes pipelines over as services, each with an outcome of its own.
    binding_apply(BindingApply) -> BindingOutcomes, [] => [desk connection line ledger];
    /// Adds a service to a product.
    service_add(ServiceAdd) -> Done, [] => [desk connection line ledger];
    /// Shows the settings of this machine.
    settings_show(Empty) -> Settings, [settings] => [];
    /// Changes the settings of this machine.
    settings_set(Settings) -> Settings, [] => [settings];
}
