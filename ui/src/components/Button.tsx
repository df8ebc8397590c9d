import type { ComponentProps, ReactNode } from 'react';
import { Kbd } from './Kbd';
import { text } from '../text';

export interface ButtonProps extends ComponentProps<'button'> {
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  size?: 'small' | 'medium' | 'large' | 'huge';
  keys?: string | undefined;
  /** While true the button can't be pressed again and says that the answer is awaited. */
  busy?: boolean;
  busyWord?: string;
  icon?: ReactNode;
}

export function Button({
  kind = 'plain',
  size = 'medium',
  keys,
  busy = false,
  busyWord,
  icon,
  children,
  className,
  disabled,
  type = 'button',
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={className ? `btn ${className}` : 'btn'}
      data-kind={kind}
      data-size={size}
      // A busy button stays focusable: focus must not jump away while the answer is awaited.
      aria-disabled={busy || undefined}
      disabled={disabled}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      {busy ? <span>{busyWord ?? text.state.recording}</span> : children}
      {keys && !busy ? <Kbd keys={keys} /> : null}
    </button>
  );
}

export interface IconButtonProps extends ComponentProps<'button'> {
  label: string;
  pressed?: boolean;
}

export function IconButton({ label, pressed, children, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={className ? `icon-btn ${className}` : 'icon-btn'}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
    >
      {children}
    </button>
  );
}
