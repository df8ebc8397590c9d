//! The dry run of a membership rule.

use crate::desk::Desk;
use crate::view::membership::{dry_view, membership_of};
use crate::wire::*;
use signalbox_domain::id::ProductId;
use signalbox_store::Scope;

impl Desk {
    pub(crate) fn membership_dry_run(&self, request: MembershipTry) -> Result<MembershipDry, WireError> {
        let id = ProductId::new(request.product);
        let state = self.state(&Scope::product(id.clone()))?;
        let product = state.products.get(&id).ok_or_else(|| WireError::unknown("product"))?;
        let rule = membership_of(request.rule);
        Ok(dry_view(&state, product, rule, self.me(&state).as_ref(), self.now()))
    }
}
