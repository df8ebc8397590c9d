import { Component, type ReactNode } from 'react';
import { ErrorNotice } from '../components/ErrorNotice';

/** Keeps the frame usable when one screen can't be drawn. A new `on` gives the next screen a fresh start. */
export class Boundary extends Component<{ on: string; children: ReactNode }, { error: unknown; on: string }> {
  override state = { error: null as unknown, on: this.props.on };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps(props: { on: string }, state: { on: string }) {
    return props.on === state.on ? null : { error: null, on: props.on };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="pad measure">
        <ErrorNotice error={this.state.error} onRetry={() => this.setState({ error: null })} />
      </div>
    );
  }
}
