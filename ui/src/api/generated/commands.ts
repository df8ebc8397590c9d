// Generated from the command list; do not edit. `cargo xtask bindings` writes it.

import type { AnswerAgain } from "./AnswerAgain";
import type { AnswerSettle } from "./AnswerSettle";
import type { BindingApply } from "./BindingApply";
import type { BindingDry } from "./BindingDry";
import type { BindingDryRun } from "./BindingDryRun";
import type { BindingOutcomes } from "./BindingOutcomes";
import type { BindingSuggest } from "./BindingSuggest";
import type { BindingSuggestion } from "./BindingSuggestion";
import type { BuildPromote } from "./BuildPromote";
import type { BuildRecord } from "./BuildRecord";
import type { BuildRollBack } from "./BuildRollBack";
import type { BuildShow } from "./BuildShow";
import type { BuildVeto } from "./BuildVeto";
import type { BuildView } from "./BuildView";
import type { BuildsScan } from "./BuildsScan";
import type { ChangeExplain } from "./ChangeExplain";
import type { CheckRecord } from "./CheckRecord";
import type { ChecklistSet } from "./ChecklistSet";
import type { CheckpointView } from "./CheckpointView";
import type { CompareView } from "./CompareView";
import type { ConnectionAdd } from "./ConnectionAdd";
import type { ConnectionAddress } from "./ConnectionAddress";
import type { ConnectionKinds } from "./ConnectionKinds";
import type { ConnectionSecretForget } from "./ConnectionSecretForget";
import type { ConnectionSecretSet } from "./ConnectionSecretSet";
import type { ConnectionTest } from "./ConnectionTest";
import type { Connections } from "./Connections";
import type { DeploymentCancel } from "./DeploymentCancel";
import type { DeploymentLog } from "./DeploymentLog";
import type { DeploymentRetry } from "./DeploymentRetry";
import type { DeploymentSettle } from "./DeploymentSettle";
import type { DeskCreate } from "./DeskCreate";
import type { DeskUnlock } from "./DeskUnlock";
import type { DeskView } from "./DeskView";
import type { Done } from "./Done";
import type { DraftDiscard } from "./DraftDiscard";
import type { Empty } from "./Empty";
import type { Entries } from "./Entries";
import type { EntryView } from "./EntryView";
import type { ExportView } from "./ExportView";
import type { FailureRelease } from "./FailureRelease";
import type { FeatureList } from "./FeatureList";
import type { FeatureMoveTo } from "./FeatureMoveTo";
import type { FeatureRequest } from "./FeatureRequest";
import type { FeatureShow } from "./FeatureShow";
import type { FeatureSign } from "./FeatureSign";
import type { FeatureTracked } from "./FeatureTracked";
import type { FeatureView } from "./FeatureView";
import type { Features } from "./Features";
import type { Find } from "./Find";
import type { FindResult } from "./FindResult";
import type { GateSign } from "./GateSign";
import type { Inbox } from "./Inbox";
import type { IssueAmend } from "./IssueAmend";
import type { IssueClose } from "./IssueClose";
import type { IssueList } from "./IssueList";
import type { IssueMeet } from "./IssueMeet";
import type { IssueRecord } from "./IssueRecord";
import type { IssueShow } from "./IssueShow";
import type { IssueView } from "./IssueView";
import type { Issues } from "./Issues";
import type { KeyRevoke } from "./KeyRevoke";
import type { LedgerEntry } from "./LedgerEntry";
import type { LedgerExport } from "./LedgerExport";
import type { LedgerList } from "./LedgerList";
import type { LedgerVerify } from "./LedgerVerify";
import type { LineShow } from "./LineShow";
import type { LineView } from "./LineView";
import type { LogView } from "./LogView";
import type { MembershipDry } from "./MembershipDry";
import type { MembershipSet } from "./MembershipSet";
import type { MembershipTry } from "./MembershipTry";
import type { PacketShow } from "./PacketShow";
import type { PacketView } from "./PacketView";
import type { People } from "./People";
import type { PersonEnrol } from "./PersonEnrol";
import type { PersonRolesSet } from "./PersonRolesSet";
import type { PersonSwitch } from "./PersonSwitch";
import type { PlanSectionWaive } from "./PlanSectionWaive";
import type { PlanSectionWrite } from "./PlanSectionWrite";
import type { PlanStepMove } from "./PlanStepMove";
import type { PlanStepRemove } from "./PlanStepRemove";
import type { PlanStepSet } from "./PlanStepSet";
import type { PreviewView } from "./PreviewView";
import type { ProcessCheck } from "./ProcessCheck";
import type { ProcessReport } from "./ProcessReport";
import type { ProductTestBegin } from "./ProductTestBegin";
import type { ProductTestBind } from "./ProductTestBind";
import type { ProductTestRecord } from "./ProductTestRecord";
import type { ProgressView } from "./ProgressView";
import type { PromotionPreview } from "./PromotionPreview";
import type { ReleaseChoose } from "./ReleaseChoose";
import type { ReleaseCompare } from "./ReleaseCompare";
import type { ReleaseCreate } from "./ReleaseCreate";
import type { ReleaseFinish } from "./ReleaseFinish";
import type { ReleaseGo } from "./ReleaseGo";
import type { ReleaseList } from "./ReleaseList";
import type { ReleaseResume } from "./ReleaseResume";
import type { ReleaseSend } from "./ReleaseSend";
import type { ReleaseShow } from "./ReleaseShow";
import type { ReleaseView } from "./ReleaseView";
import type { Releases } from "./Releases";
import type { ReleasingShow } from "./ReleasingShow";
import type { ReleasingView } from "./ReleasingView";
import type { RemoteRetry } from "./RemoteRetry";
import type { RestoreAccept } from "./RestoreAccept";
import type { SampleCreate } from "./SampleCreate";
import type { ScanView } from "./ScanView";
import type { SendShow } from "./SendShow";
import type { SendView } from "./SendView";
import type { ServiceAdd } from "./ServiceAdd";
import type { ServiceBind } from "./ServiceBind";
import type { Settings } from "./Settings";
import type { SignoffWithdraw } from "./SignoffWithdraw";
import type { StageHold } from "./StageHold";
import type { StageRelease } from "./StageRelease";
import type { StarterList } from "./StarterList";
import type { StrategyActivate } from "./StrategyActivate";
import type { StrategyCosign } from "./StrategyCosign";
import type { StrategyDraft } from "./StrategyDraft";
import type { StrategyShow } from "./StrategyShow";
import type { StrategyView } from "./StrategyView";
import type { TestView } from "./TestView";
import type { TrackedView } from "./TrackedView";
import type { TrackerFeatures } from "./TrackerFeatures";
import type { TrackerImport } from "./TrackerImport";
import type { TrackerLook } from "./TrackerLook";
import type { TrackerOutcomes } from "./TrackerOutcomes";
import type { TrackerVersionList } from "./TrackerVersionList";
import type { TrackerVersions } from "./TrackerVersions";
import type { TriggerNext } from "./TriggerNext";
import type { TriggerPreview } from "./TriggerPreview";
import type { TriggerSet } from "./TriggerSet";
import type { VerifyView } from "./VerifyView";
import type { WhereShow } from "./WhereShow";
import type { WhereView } from "./WhereView";

export interface Commands {
  /** Shows the frame: who signs here, which ledger, which products. */
  desk_show: { request: Empty; response: DeskView };
  /** Makes the sample product with its people, pipeline and ledger. */
  sample_create: { request: SampleCreate; response: Done };
  /** Begins one's own ledger. */
  desk_create: { request: DeskCreate; response: Done };
  /** Opens the passphrase file or protected keys. */
  desk_unlock: { request: DeskUnlock; response: Done };
  /** Lists the starter processes. */
  starter_list: { request: Empty; response: StarterList };
  /** Signs as someone else whose key is on this machine. */
  person_switch: { request: PersonSwitch; response: Done };
  /** Accepts that a back-up was restored. */
  restore_accept: { request: RestoreAccept; response: Done };
  /** Finds anything by words. */
  find: { request: Find; response: FindResult };
  /** Lists everything that waits for the person who signs here. */
  inbox_list: { request: Empty; response: Inbox };
  /** Shows a service's line. */
  line_show: { request: LineShow; response: LineView };
  /** Shows what runs where. */
  where_show: { request: WhereShow; response: WhereView };
  /** Shows one build. */
  build_show: { request: BuildShow; response: BuildView };
  /** Looks for new builds at the pipelines now. */
  builds_scan: { request: BuildsScan; response: ScanView };
  /** Records a build by hand. */
  build_record: { request: BuildRecord; response: Done };
  /** Lets automation admit nothing to a stage. */
  stage_hold: { request: StageHold; response: Done };
  /** Lets automation go on. */
  stage_release: { request: StageRelease; response: Done };
  /** Shows the decision sheet of a build at a stage. */
  packet_show: { request: PacketShow; response: PacketView };
  /** Approves or rejects at a gate. */
  gate_sign: { request: GateSign; response: Done };
  /** Takes a sign-off back. */
  signoff_withdraw: { request: SignoffWithdraw; response: Done };
  /** Marks a checklist item. */
  checklist_set: { request: ChecklistSet; response: Done };
  /** Records a check's result by hand. */
  check_record: { request: CheckRecord; response: Done };
  /** Shows how a promotion would be carried out. */
  promotion_preview: { request: PromotionPreview; response: PreviewView };
  /** Puts a ready build into a stage. */
  build_promote: { request: BuildPromote; response: Done };
  /** Brings back a build that passed before. */
  build_roll_back: { request: BuildRollBack; response: Done };
  /** Runs a failed deployment again. */
  deployment_retry: { request: DeploymentRetry; response: Done };
  /** Opens a stage that a failure holds. */
  failure_release: { request: FailureRelease; response: Done };
  /** Stops a running deployment. */
  deployment_cancel: { request: DeploymentCancel; response: Done };
  /** Says how a deployment with an unknown outcome ended. */
  deployment_settle: { request: DeploymentSettle; response: Done };
  /** Has the pipeline system run again what failed there. */
  remote_retry: { request: RemoteRetry; response: Done };
  /** Answers the pipeline system's own gate again. */
  answer_again: { request: AnswerAgain; response: Done };
  /** Says how an answer with an unknown outcome ended. */
  answer_settle: { request: AnswerSettle; response: Done };
  /** Explains a change that the ledger could not. */
  change_explain: { request: ChangeExplain; response: Done };
  /** Reads the log of a deployment, or of a test of a whole product. */
  deployment_log: { request: DeploymentLog; response: LogView };
  /** Lists releases. */
  release_list: { request: ReleaseList; response: Releases };
  /** Shows a release's room. */
  release_show: { request: ReleaseShow; response: ReleaseView };
  /** Plans a release. */
  release_create: { request: ReleaseCreate; response: Done };
  /** Chooses the builds of a release. */
  release_choose: { request: ReleaseChoose; response: Done };
  /** Writes a section of a plan. */
  plan_section_write: { request: PlanSectionWrite; response: Done };
  /** Waives a section, or takes the waiver back. */
  plan_section_waive: { request: PlanSectionWaive; response: Done };
  /** Adds or changes a step. */
  plan_step_set: { request: PlanStepSet; response: Done };
  /** Removes a step. */
  plan_step_remove: { request: PlanStepRemove; response: Done };
  /** Moves a step. */
  plan_step_move: { request: PlanStepMove; response: Done };
  /** Signs go or no-go. */
  release_go: { request: ReleaseGo; response: Done };
  /** Shows how a product is tested and released as a whole. */
  releasing_show: { request: ReleasingShow; response: ReleasingView };
  /** Says what a rule of membership would do, without setting it. */
  membership_dry_run: { request: MembershipTry; response: MembershipDry };
  /** Says which services belong to a product's releases. */
  membership_set: { request: MembershipSet; response: Done };
  /** Tells how a test of a product ended. */
  product_test_record: { request: ProductTestRecord; response: Done };
  /** Binds the pipeline that tests a product, or none. */
  product_test_bind: { request: ProductTestBind; response: Done };
  /** Begins a test of a product. */
  product_test_begin: { request: ProductTestBegin; response: Done };
  /** Sets when the tests of a product begin by themselves. */
  trigger_set: { request: TriggerSet; response: Done };
  /** Says when a trigger would come. */
  trigger_next: { request: TriggerNext; response: TriggerPreview };
  /** Ends a build's way everywhere. */
  build_veto: { request: BuildVeto; response: Done };
  /** Shows the sheet on which a whole release is sent on. */
  send_show: { request: SendShow; response: SendView };
  /** Sends a whole release on into a stage. */
  release_send: { request: ReleaseSend; response: Done };
  /** Sends again the services that did not go. */
  release_resume: { request: ReleaseResume; response: Done };
  /** Compares two releases. */
  release_compare: { request: ReleaseCompare; response: CompareView };
  /** Ends a release. */
  release_finish: { request: ReleaseFinish; response: Done };
  /** Searches features. */
  feature_list: { request: FeatureList; response: Features };
  /** Shows a feature and the sheet to sign it. */
  feature_show: { request: FeatureShow; response: FeatureView };
  /** Asks for a feature. */
  feature_request: { request: FeatureRequest; response: Done };
  /** Moves a feature by hand. */
  feature_move: { request: FeatureMoveTo; response: Done };
  /** Lists the versions of a project at the feature tracker. */
  tracker_versions: { request: TrackerVersions; response: TrackerVersionList };
  /** Lists the features that are planned for a version at the tracker. */
  tracker_look: { request: TrackerLook; response: TrackerFeatures };
  /** Takes features over from the tracker. */
  tracker_import: { request: TrackerImport; response: TrackerOutcomes };
  /** Shows a feature's state at its tracker. */
  feature_tracked: { request: FeatureTracked; response: TrackedView };
  /** Signs a feature in a build. */
  feature_sign: { request: FeatureSign; response: Done };
  /** Searches the issue log. */
  issue_list: { request: IssueList; response: Issues };
  /** Shows one entry of the issue log. */
  issue_show: { request: IssueShow; response: IssueView };
  /** Records a problem. */
  issue_record: { request: IssueRecord; response: Done };
  /** Changes what is known of a problem. */
  issue_amend: { request: IssueAmend; response: Done };
  /** Meets a problem again. */
  issue_meet: { request: IssueMeet; response: Done };
  /** Closes a problem with a lesson. */
  issue_close: { request: IssueClose; response: Done };
  /** Throws an issue draft away. */
  draft_discard: { request: DraftDiscard; response: Done };
  /** Shows a strategy version. */
  strategy_show: { request: StrategyShow; response: StrategyView };
  /** Writes a new version of a strategy. */
  strategy_draft: { request: StrategyDraft; response: Done };
  /** Agrees to a strategy version. */
  strategy_cosign: { request: StrategyCosign; response: Done };
  /** Puts a strategy version in force. */
  strategy_activate: { request: StrategyActivate; response: Done };
  /** Looks for defects in a process. */
  process_check: { request: ProcessCheck; response: ProcessReport };
  /** Lists ledger entries. */
  ledger_list: { request: LedgerList; response: Entries };
  /** Shows one ledger entry. */
  ledger_entry: { request: LedgerEntry; response: EntryView };
  /** Verifies the ledger from its first entry. */
  ledger_verify: { request: LedgerVerify; response: VerifyView };
  /** Says how far a running verification is. */
  verify_progress: { request: Empty; response: ProgressView };
  /** Stops a running verification. */
  verify_cancel: { request: Empty; response: Done };
  /** Writes entries to a file. */
  ledger_export: { request: LedgerExport; response: ExportView };
  /** Makes a signed checkpoint. */
  checkpoint_make: { request: Empty; response: CheckpointView };
  /** Lists people and their keys. */
  person_list: { request: Empty; response: People };
  /** Enrols a person. */
  person_enrol: { request: PersonEnrol; response: Done };
  /** Sets a person's roles. */
  person_roles_set: { request: PersonRolesSet; response: Done };
  /** Ends a key. */
  key_revoke: { request: KeyRevoke; response: Done };
  /** Lists the kinds of systems that can be connected, and what each asks for. */
  connection_kinds: { request: Empty; response: ConnectionKinds };
  /** Lists connections and the services bound to them. */
  connection_list: { request: Empty; response: Connections };
  /** Adds a connection. */
  connection_add: { request: ConnectionAdd; response: Done };
  /** Points a known connection at another place on this machine. */
  connection_address: { request: ConnectionAddress; response: Done };
  /** Keeps a connection's secret in this machine's keychain. */
  connection_secret_set: { request: ConnectionSecretSet; response: Done };
  /** Removes a connection's secret from this machine's keychain. */
  connection_secret_forget: { request: ConnectionSecretForget; response: Done };
  /** Tests a connection or an address. */
  connection_test: { request: ConnectionTest; response: TestView };
  /** Proposes how a service's stages are bound to a pipeline. */
  binding_suggest: { request: BindingSuggest; response: BindingSuggestion };
  /** Binds a service to a pipeline. */
  service_bind: { request: ServiceBind; response: Done };
  /** Says which pipelines would become services of a product. */
  binding_dry_run: { request: BindingDryRun; response: BindingDry };
  /** Takes pipelines over as services, each with an outcome of its own. */
  binding_apply: { request: BindingApply; response: BindingOutcomes };
  /** Adds a service to a product. */
  service_add: { request: ServiceAdd; response: Done };
  /** Shows the settings of this machine. */
  settings_show: { request: Empty; response: Settings };
  /** Changes the settings of this machine. */
  settings_set: { request: Settings; response: Settings };
}

export type Tag =
  | "connection"
  | "desk"
  | "feature"
  | "inbox"
  | "issue"
  | "kind"
  | "ledger"
  | "line"
  | "log"
  | "packet"
  | "people"
  | "progress"
  | "release"
  | "settings"
  | "starter"
  | "strategy"
  | "tracker"
  | "trigger"
  ;

export const tags: Record<keyof Commands, { provides: Tag[]; invalidates: Tag[] }> = {
  desk_show: { provides: ["desk"], invalidates: [] },
  sample_create: { provides: [], invalidates: ["desk", "inbox", "line", "release", "feature", "issue", "strategy", "ledger", "people", "connection"] },
  desk_create: { provides: [], invalidates: ["desk", "inbox", "line", "release", "feature", "issue", "strategy", "ledger", "people", "connection"] },
  desk_unlock: { provides: [], invalidates: ["desk", "people"] },
  starter_list: { provides: ["starter"], invalidates: [] },
  person_switch: { provides: [], invalidates: ["desk", "inbox", "line", "release", "feature", "issue", "strategy", "people", "connection"] },
  restore_accept: { provides: [], invalidates: ["desk", "ledger"] },
  find: { provides: ["line", "release", "feature", "issue"], invalidates: [] },
  inbox_list: { provides: ["inbox"], invalidates: [] },
  line_show: { provides: ["line"], invalidates: [] },
  where_show: { provides: ["line"], invalidates: [] },
  build_show: { provides: ["line"], invalidates: [] },
  builds_scan: { provides: [], invalidates: ["desk", "inbox", "line", "release", "feature", "ledger"] },
  build_record: { provides: [], invalidates: ["desk", "inbox", "line", "release", "feature", "ledger"] },
  stage_hold: { provides: [], invalidates: ["desk", "inbox", "line", "ledger"] },
  stage_release: { provides: [], invalidates: ["desk", "inbox", "line", "ledger"] },
  packet_show: { provides: ["packet", "line"], invalidates: [] },
  gate_sign: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "feature", "issue", "ledger"] },
  signoff_withdraw: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "ledger"] },
  checklist_set: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  check_record: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  promotion_preview: { provides: ["packet", "line"], invalidates: [] },
  build_promote: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "feature", "ledger"] },
  build_roll_back: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "issue", "ledger"] },
  deployment_retry: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  failure_release: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  deployment_cancel: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  deployment_settle: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  remote_retry: { provides: [], invalidates: ["desk", "inbox", "line", "packet"] },
  answer_again: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "ledger"] },
  answer_settle: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "ledger"] },
  change_explain: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "ledger"] },
  deployment_log: { provides: ["log"], invalidates: [] },
  release_list: { provides: ["release"], invalidates: [] },
  release_show: { provides: ["release", "line"], invalidates: [] },
  release_create: { provides: [], invalidates: ["desk", "inbox", "release", "ledger"] },
  release_choose: { provides: [], invalidates: ["desk", "inbox", "release", "line", "packet", "ledger"] },
  plan_section_write: { provides: [], invalidates: ["desk", "inbox", "release", "line", "packet", "ledger"] },
  plan_section_waive: { provides: [], invalidates: ["desk", "inbox", "release", "line", "packet", "ledger"] },
  plan_step_set: { provides: [], invalidates: ["desk", "inbox", "release", "ledger"] },
  plan_step_remove: { provides: [], invalidates: ["desk", "inbox", "release", "ledger"] },
  plan_step_move: { provides: [], invalidates: ["desk", "inbox", "release", "ledger"] },
  release_go: { provides: [], invalidates: ["desk", "inbox", "release", "line", "packet", "ledger"] },
  releasing_show: { provides: ["release", "line"], invalidates: [] },
  membership_dry_run: { provides: ["release", "line", "connection"], invalidates: [] },
  membership_set: { provides: [], invalidates: ["release", "ledger"] },
  product_test_record: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  product_test_bind: { provides: [], invalidates: ["release", "ledger"] },
  product_test_begin: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "ledger"] },
  trigger_set: { provides: [], invalidates: ["release", "ledger"] },
  trigger_next: { provides: ["trigger"], invalidates: [] },
  build_veto: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "feature", "ledger"] },
  send_show: { provides: ["release", "line", "packet"], invalidates: [] },
  release_send: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "feature", "ledger"] },
  release_resume: { provides: [], invalidates: ["desk", "inbox", "line", "packet", "release", "feature", "ledger"] },
  release_compare: { provides: ["release"], invalidates: [] },
  release_finish: { provides: [], invalidates: ["desk", "inbox", "release", "line", "packet", "ledger"] },
  feature_list: { provides: ["feature"], invalidates: [] },
  feature_show: { provides: ["feature", "line"], invalidates: [] },
  feature_request: { provides: [], invalidates: ["desk", "inbox", "feature", "line", "packet", "ledger"] },
  feature_move: { provides: [], invalidates: ["desk", "inbox", "feature", "line", "packet", "ledger"] },
  tracker_versions: { provides: ["tracker"], invalidates: [] },
  tracker_look: { provides: ["tracker"], invalidates: [] },
  tracker_import: { provides: [], invalidates: ["desk", "inbox", "feature", "line", "packet", "ledger"] },
  feature_tracked: { provides: ["tracker", "connection"], invalidates: [] },
  feature_sign: { provides: [], invalidates: ["desk", "inbox", "feature", "line", "packet", "ledger"] },
  issue_list: { provides: ["issue"], invalidates: [] },
  issue_show: { provides: ["issue"], invalidates: [] },
  issue_record: { provides: [], invalidates: ["desk", "inbox", "issue", "release", "line", "packet", "ledger"] },
  issue_amend: { provides: [], invalidates: ["desk", "inbox", "issue", "release", "line", "packet", "ledger"] },
  issue_meet: { provides: [], invalidates: ["desk", "inbox", "issue", "release", "line", "packet", "ledger"] },
  issue_close: { provides: [], invalidates: ["desk", "inbox", "issue", "release", "line", "packet", "ledger"] },
  draft_discard: { provides: [], invalidates: ["inbox", "issue", "packet"] },
  strategy_show: { provides: ["strategy"], invalidates: [] },
  strategy_draft: { provides: [], invalidates: ["desk", "inbox", "strategy", "ledger"] },
  strategy_cosign: { provides: [], invalidates: ["desk", "inbox", "strategy", "ledger"] },
  strategy_activate: { provides: [], invalidates: ["desk", "inbox", "strategy", "line", "release", "ledger"] },
  process_check: { provides: ["strategy"], invalidates: [] },
  ledger_list: { provides: ["ledger"], invalidates: [] },
  ledger_entry: { provides: ["ledger"], invalidates: [] },
  ledger_verify: { provides: [], invalidates: ["desk"] },
  verify_progress: { provides: ["progress"], invalidates: [] },
  verify_cancel: { provides: [], invalidates: [] },
  ledger_export: { provides: [], invalidates: ["desk", "ledger"] },
  checkpoint_make: { provides: [], invalidates: ["ledger"] },
  person_list: { provides: ["people"], invalidates: [] },
  person_enrol: { provides: [], invalidates: ["desk", "people", "ledger", "strategy"] },
  person_roles_set: { provides: [], invalidates: ["desk", "inbox", "people", "ledger", "strategy", "line"] },
  key_revoke: { provides: [], invalidates: ["desk", "inbox", "people", "ledger", "strategy", "line"] },
  connection_kinds: { provides: ["kind"], invalidates: [] },
  connection_list: { provides: ["connection"], invalidates: [] },
  connection_add: { provides: [], invalidates: ["connection", "ledger"] },
  connection_address: { provides: [], invalidates: ["connection", "line"] },
  connection_secret_set: { provides: [], invalidates: ["connection", "line"] },
  connection_secret_forget: { provides: [], invalidates: ["connection", "line"] },
  connection_test: { provides: ["connection"], invalidates: [] },
  binding_suggest: { provides: ["connection"], invalidates: [] },
  service_bind: { provides: [], invalidates: ["connection", "line", "ledger"] },
  binding_dry_run: { provides: ["connection"], invalidates: [] },
  binding_apply: { provides: [], invalidates: ["desk", "connection", "line", "ledger"] },
  service_add: { provides: [], invalidates: ["desk", "connection", "line", "ledger"] },
  settings_show: { provides: ["settings"], invalidates: [] },
  settings_set: { provides: [], invalidates: ["settings"] },
};
