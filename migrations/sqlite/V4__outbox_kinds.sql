-- A call to a pipeline system is for a deployment or for an answer to a gate of its own; it is called by the same
-- word as the fact that intends it.
UPDATE outbox SET kind = 'deployment' WHERE kind = 'deploy';
