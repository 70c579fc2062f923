// Generated from the migrations by `npm run db:types`.
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      agents: {
        Row: {
          archived_at: string | null;
          avatar: string;
          created_at: string;
          created_by: string | null;
          id: string;
          is_active: boolean;
          max_minutes: number;
          max_steps: number;
          max_task_usd: number;
          model: string;
          name: string;
          organization_id: string;
          project_id: string;
          role: string;
          system_prompt: string;
          updated_at: string;
          uses_tools: boolean;
        };
        ComputedFields: never;
        Insert: {
          archived_at?: string | null;
          avatar?: string;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          is_active?: boolean;
          max_minutes?: number;
          max_steps?: number;
          max_task_usd?: number;
          model: string;
          name: string;
          organization_id: string;
          project_id: string;
          role?: string;
          system_prompt?: string;
          updated_at?: string;
          uses_tools?: boolean;
        };
        Update: {
          archived_at?: string | null;
          avatar?: string;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          is_active?: boolean;
          max_minutes?: number;
          max_steps?: number;
          max_task_usd?: number;
          model?: string;
          name?: string;
          organization_id?: string;
          project_id?: string;
          role?: string;
          system_prompt?: string;
          updated_at?: string;
          uses_tools?: boolean;
        };
        Relationships: [
          {
            foreignKeyName: 'agents_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'agents_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'agents_project_id_fkey';
            columns: ['project_id'];
            isOneToOne: false;
            referencedRelation: 'projects';
            referencedColumns: ['id'];
          },
        ];
      };
      ai_usage: {
        Row: {
          agent_id: string | null;
          attempts: Json | null;
          cache_read_tokens: number;
          cache_write_1h_tokens: number;
          cache_write_5m_tokens: number;
          cost_usd: number | null;
          created_at: string;
          credential_id: string | null;
          dialect: string;
          error_code: string | null;
          first_byte_ms: number | null;
          held_input_tokens: number;
          held_output_tokens: number;
          held_usd: number;
          http_status: number | null;
          id: string;
          input_tokens: number;
          is_cached: boolean;
          is_sandbox: boolean;
          is_stream: boolean;
          latency_ms: number | null;
          lease_until: string | null;
          max_output_tokens: number | null;
          media: Json | null;
          model: string;
          model_alias: string | null;
          model_price_id: number | null;
          operation: string;
          organization_id: string;
          output_tokens: number;
          overhead_ms: number | null;
          project_id: string;
          provider: string;
          proxy_key_id: string;
          raw_usage: Json | null;
          reasoning_tokens: number;
          request_id: string;
          saved_usd: number | null;
          served_model: string | null;
          service_tier: string | null;
          settled_at: string | null;
          status: Database['public']['Enums']['call_status'];
          tags: string[];
          task_id: string | null;
          upstream_request_id: string | null;
          usage_source: Database['public']['Enums']['usage_source'] | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          attempts?: Json | null;
          cache_read_tokens?: number;
          cache_write_1h_tokens?: number;
          cache_write_5m_tokens?: number;
          cost_usd?: number | null;
          created_at: string;
          credential_id?: string | null;
          dialect: string;
          error_code?: string | null;
          first_byte_ms?: number | null;
          held_input_tokens?: number;
          held_output_tokens?: number;
          held_usd?: number;
          http_status?: number | null;
          id: string;
          input_tokens?: number;
          is_cached?: boolean;
          is_sandbox?: boolean;
          is_stream?: boolean;
          latency_ms?: number | null;
          lease_until?: string | null;
          max_output_tokens?: number | null;
          media?: Json | null;
          model: string;
          model_alias?: string | null;
          model_price_id?: number | null;
          operation: string;
          organization_id: string;
          output_tokens?: number;
          overhead_ms?: number | null;
          project_id: string;
          provider: string;
          proxy_key_id: string;
          raw_usage?: Json | null;
          reasoning_tokens?: number;
          request_id: string;
          saved_usd?: number | null;
          served_model?: string | null;
          service_tier?: string | null;
          settled_at?: string | null;
          status: Database['public']['Enums']['call_status'];
          tags?: string[];
          task_id?: string | null;
          upstream_request_id?: string | null;
          usage_source?: Database['public']['Enums']['usage_source'] | null;
          user_id?: string | null;
        };
        Update: {
          agent_id?: string | null;
          attempts?: Json | null;
          cache_read_tokens?: number;
          cache_write_1h_tokens?: number;
          cache_write_5m_tokens?: number;
          cost_usd?: number | null;
          created_at?: string;
          credential_id?: string | null;
          dialect?: string;
          error_code?: string | null;
          first_byte_ms?: number | null;
          held_input_tokens?: number;
          held_output_tokens?: number;
          held_usd?: number;
          http_status?: number | null;
          id?: string;
          input_tokens?: number;
          is_cached?: boolean;
          is_sandbox?: boolean;
          is_stream?: boolean;
          latency_ms?: number | null;
          lease_until?: string | null;
          max_output_tokens?: number | null;
          media?: Json | null;
          model?: string;
          model_alias?: string | null;
          model_price_id?: number | null;
          operation?: string;
          organization_id?: string;
          output_tokens?: number;
          overhead_ms?: number | null;
          project_id?: string;
          provider?: string;
          proxy_key_id?: string;
          raw_usage?: Json | null;
          reasoning_tokens?: number;
          request_id?: string;
          saved_usd?: number | null;
          served_model?: string | null;
          service_tier?: string | null;
          settled_at?: string | null;
          status?: Database['public']['Enums']['call_status'];
          tags?: string[];
          task_id?: string | null;
          upstream_request_id?: string | null;
          usage_source?: Database['public']['Enums']['usage_source'] | null;
          user_id?: string | null;
        };
        Relationships: [];
      };
      alert_channels: {
        Row: {
          addresses: string[];
          created_at: string;
          created_by: string | null;
          failing_since: string | null;
          id: string;
          is_active: boolean;
          kinds: string[];
          last_delivered_at: string | null;
          last_error: string | null;
          name: string;
          organization_id: string;
          paused_at: string | null;
          tested_at: string | null;
          type: string;
          updated_at: string;
          url_host: string | null;
        };
        ComputedFields: never;
        Insert: {
          addresses?: string[];
          created_at?: string;
          created_by?: string | null;
          failing_since?: string | null;
          id?: string;
          is_active?: boolean;
          kinds: string[];
          last_delivered_at?: string | null;
          last_error?: string | null;
          name: string;
          organization_id: string;
          paused_at?: string | null;
          tested_at?: string | null;
          type: string;
          updated_at?: string;
          url_host?: string | null;
        };
        Update: {
          addresses?: string[];
          created_at?: string;
          created_by?: string | null;
          failing_since?: string | null;
          id?: string;
          is_active?: boolean;
          kinds?: string[];
          last_delivered_at?: string | null;
          last_error?: string | null;
          name?: string;
          organization_id?: string;
          paused_at?: string | null;
          tested_at?: string | null;
          type?: string;
          updated_at?: string;
          url_host?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'alert_channels_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'alert_channels_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      alert_deliveries: {
        Row: {
          alert_id: number;
          attempts: number;
          channel_id: string | null;
          created_at: string;
          delivered_at: string | null;
          due_at: string;
          id: string;
          last_error: string | null;
          organization_id: string;
          recipient: string;
          status: string;
          try_until: string;
        };
        ComputedFields: never;
        Insert: {
          alert_id: number;
          attempts?: number;
          channel_id?: string | null;
          created_at?: string;
          delivered_at?: string | null;
          due_at?: string;
          id?: string;
          last_error?: string | null;
          organization_id: string;
          recipient: string;
          status?: string;
          try_until?: string;
        };
        Update: {
          alert_id?: number;
          attempts?: number;
          channel_id?: string | null;
          created_at?: string;
          delivered_at?: string | null;
          due_at?: string;
          id?: string;
          last_error?: string | null;
          organization_id?: string;
          recipient?: string;
          status?: string;
          try_until?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'alert_deliveries_alert_id_fkey';
            columns: ['alert_id'];
            isOneToOne: false;
            referencedRelation: 'alerts';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'alert_deliveries_channel_id_fkey';
            columns: ['channel_id'];
            isOneToOne: false;
            referencedRelation: 'alert_channels';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'alert_deliveries_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      alerts: {
        Row: {
          created_at: string;
          facts: NonNullable<Json>;
          id: number;
          kind: string;
          occasion: string;
          organization_id: string;
          resolved_at: string | null;
          seen_at: string | null;
          seen_by: string | null;
          severity: string;
          subject_id: string;
          subject_type: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          facts?: NonNullable<Json>;
          id?: never;
          kind: string;
          occasion: string;
          organization_id: string;
          resolved_at?: string | null;
          seen_at?: string | null;
          seen_by?: string | null;
          severity: string;
          subject_id: string;
          subject_type: string;
        };
        Update: {
          created_at?: string;
          facts?: NonNullable<Json>;
          id?: never;
          kind?: string;
          occasion?: string;
          organization_id?: string;
          resolved_at?: string | null;
          seen_at?: string | null;
          seen_by?: string | null;
          severity?: string;
          subject_id?: string;
          subject_type?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'alerts_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'alerts_seen_by_fkey';
            columns: ['seen_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
      audit_log: {
        Row: {
          action: string;
          actor_email: string | null;
          actor_id: string | null;
          after: Json | null;
          before: Json | null;
          created_at: string;
          id: number;
          organization_id: string;
          subject_id: string;
          subject_type: string;
        };
        ComputedFields: never;
        Insert: {
          action: string;
          actor_email?: string | null;
          actor_id?: string | null;
          after?: Json | null;
          before?: Json | null;
          created_at?: string;
          id?: never;
          organization_id: string;
          subject_id: string;
          subject_type: string;
        };
        Update: {
          action?: string;
          actor_email?: string | null;
          actor_id?: string | null;
          after?: Json | null;
          before?: Json | null;
          created_at?: string;
          id?: never;
          organization_id?: string;
          subject_id?: string;
          subject_type?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'audit_log_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      billing_keys: {
        Row: {
          attempts: number;
          created_at: string;
          created_by: string | null;
          id: string;
          kind: string;
          last_four: string;
          lease_until: string | null;
          next_read_at: string;
          organization_id: string;
          provider: string;
          read_at: string | null;
          read_error: string | null;
        };
        ComputedFields: never;
        Insert: {
          attempts?: number;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          kind: string;
          last_four: string;
          lease_until?: string | null;
          next_read_at?: string;
          organization_id: string;
          provider: string;
          read_at?: string | null;
          read_error?: string | null;
        };
        Update: {
          attempts?: number;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          kind?: string;
          last_four?: string;
          lease_until?: string | null;
          next_read_at?: string;
          organization_id?: string;
          provider?: string;
          read_at?: string | null;
          read_error?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'billing_keys_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'billing_keys_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      board_records: {
        Row: {
          board_id: string;
          clock: number;
          created_at: string;
          organization_id: string;
          record_id: string;
          state: NonNullable<Json>;
          type: string;
          updated_at: string;
          updated_by: string | null;
        };
        ComputedFields: never;
        Insert: {
          board_id: string;
          clock: number;
          created_at?: string;
          organization_id: string;
          record_id: string;
          state: NonNullable<Json>;
          type: string;
          updated_at?: string;
          updated_by?: string | null;
        };
        Update: {
          board_id?: string;
          clock?: number;
          created_at?: string;
          organization_id?: string;
          record_id?: string;
          state?: NonNullable<Json>;
          type?: string;
          updated_at?: string;
          updated_by?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'board_records_board_id_fkey';
            columns: ['board_id'];
            isOneToOne: false;
            referencedRelation: 'boards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'board_records_updated_by_fkey';
            columns: ['updated_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
      board_snapshots: {
        Row: {
          board_id: string;
          clock: number;
          created_at: string;
          created_by: string | null;
          id: string;
          name: string;
          organization_id: string;
          record_count: number;
          records: NonNullable<Json>;
          schema: Json | null;
        };
        ComputedFields: never;
        Insert: {
          board_id: string;
          clock: number;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          name: string;
          organization_id: string;
          record_count: number;
          records: NonNullable<Json>;
          schema?: Json | null;
        };
        Update: {
          board_id?: string;
          clock?: number;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          name?: string;
          organization_id?: string;
          record_count?: number;
          records?: NonNullable<Json>;
          schema?: Json | null;
        };
        Relationships: [
          {
            foreignKeyName: 'board_snapshots_board_id_fkey';
            columns: ['board_id'];
            isOneToOne: false;
            referencedRelation: 'boards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'board_snapshots_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
      boards: {
        Row: {
          bytes: number;
          clock: number;
          created_at: string;
          created_by: string | null;
          history_from: number;
          id: string;
          is_locked: boolean;
          name: string;
          organization_id: string;
          record_count: number;
          schema: Json | null;
          schema_version: number;
          tombstone_count: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          bytes?: number;
          clock?: number;
          created_at?: string;
          created_by?: string | null;
          history_from?: number;
          id?: string;
          is_locked?: boolean;
          name: string;
          organization_id: string;
          record_count?: number;
          schema?: Json | null;
          schema_version?: number;
          tombstone_count?: number;
          updated_at?: string;
        };
        Update: {
          bytes?: number;
          clock?: number;
          created_at?: string;
          created_by?: string | null;
          history_from?: number;
          id?: string;
          is_locked?: boolean;
          name?: string;
          organization_id?: string;
          record_count?: number;
          schema?: Json | null;
          schema_version?: number;
          tombstone_count?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'boards_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'boards_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      budget_requests: {
        Row: {
          budget_id: string;
          created_at: string;
          decided_at: string | null;
          decided_by: string | null;
          id: string;
          limit_usd: number;
          organization_id: string;
          raised_until: string | null;
          reason: string;
          requested_by: string | null;
          status: string;
        };
        ComputedFields: never;
        Insert: {
          budget_id: string;
          created_at?: string;
          decided_at?: string | null;
          decided_by?: string | null;
          id?: string;
          limit_usd: number;
          organization_id: string;
          raised_until?: string | null;
          reason: string;
          requested_by?: string | null;
          status?: string;
        };
        Update: {
          budget_id?: string;
          created_at?: string;
          decided_at?: string | null;
          decided_by?: string | null;
          id?: string;
          limit_usd?: number;
          organization_id?: string;
          raised_until?: string | null;
          reason?: string;
          requested_by?: string | null;
          status?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'budget_requests_budget_id_fkey';
            columns: ['budget_id'];
            isOneToOne: false;
            referencedRelation: 'budgets';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'budget_requests_decided_by_fkey';
            columns: ['decided_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'budget_requests_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'budget_requests_requested_by_fkey';
            columns: ['requested_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
      budget_warnings: {
        Row: {
          budget_id: string;
          created_at: string;
          id: number;
          limit_usd: number;
          organization_id: string;
          percent: number;
          spent_usd: number;
          window_start: string;
        };
        ComputedFields: never;
        Insert: {
          budget_id: string;
          created_at?: string;
          id?: never;
          limit_usd: number;
          organization_id: string;
          percent: number;
          spent_usd: number;
          window_start: string;
        };
        Update: {
          budget_id?: string;
          created_at?: string;
          id?: never;
          limit_usd?: number;
          organization_id?: string;
          percent?: number;
          spent_usd?: number;
          window_start?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'budget_warnings_budget_id_fkey';
            columns: ['budget_id'];
            isOneToOne: false;
            referencedRelation: 'budgets';
            referencedColumns: ['id'];
          },
        ];
      };
      budgets: {
        Row: {
          created_at: string;
          created_by: string | null;
          held_usd: number;
          id: string;
          limit_usd: number;
          mode: string;
          organization_id: string;
          period: string;
          raised_until: string | null;
          regular_limit_usd: number | null;
          scope: string;
          scope_id: string;
          scope_key: string;
          spent_usd: number;
          updated_at: string;
          warn_at: number[];
          warned_percent: number;
          window_end: string;
          window_start: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          created_by?: string | null;
          held_usd?: number;
          id?: string;
          limit_usd: number;
          mode?: string;
          organization_id: string;
          period: string;
          raised_until?: string | null;
          regular_limit_usd?: number | null;
          scope: string;
          scope_id: string;
          scope_key?: never;
          spent_usd?: number;
          updated_at?: string;
          warn_at?: number[];
          warned_percent?: number;
          window_end?: string;
          window_start?: string;
        };
        Update: {
          created_at?: string;
          created_by?: string | null;
          held_usd?: number;
          id?: string;
          limit_usd?: number;
          mode?: string;
          organization_id?: string;
          period?: string;
          raised_until?: string | null;
          regular_limit_usd?: number | null;
          scope?: string;
          scope_id?: string;
          scope_key?: never;
          spent_usd?: number;
          updated_at?: string;
          warn_at?: number[];
          warned_percent?: number;
          window_end?: string;
          window_start?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'budgets_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'budgets_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      cache_savings: {
        Row: {
          bucket_at: string;
          calls: number;
          organization_id: string;
          saved_usd: number;
        };
        ComputedFields: never;
        Insert: {
          bucket_at: string;
          calls: number;
          organization_id: string;
          saved_usd: number;
        };
        Update: {
          bucket_at?: string;
          calls?: number;
          organization_id?: string;
          saved_usd?: number;
        };
        Relationships: [];
      };
      call_bodies: {
        Row: {
          call_id: string;
          created_at: string;
          logging: string;
          organization_id: string;
          project_id: string;
          request: string | null;
          request_bytes: number;
          response: string | null;
          response_bytes: number;
        };
        ComputedFields: never;
        Insert: {
          call_id: string;
          created_at?: string;
          logging: string;
          organization_id: string;
          project_id: string;
          request?: string | null;
          request_bytes?: number;
          response?: string | null;
          response_bytes?: number;
        };
        Update: {
          call_id?: string;
          created_at?: string;
          logging?: string;
          organization_id?: string;
          project_id?: string;
          request?: string | null;
          request_bytes?: number;
          response?: string | null;
          response_bytes?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'call_bodies_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'call_bodies_project_id_fkey';
            columns: ['project_id'];
            isOneToOne: false;
            referencedRelation: 'projects';
            referencedColumns: ['id'];
          },
        ];
      };
      credential_health: {
        Row: {
          avoided_until: string | null;
          credential_id: string;
          failures_in_a_row: number;
          last_error: string | null;
          last_failed_at: string | null;
          organization_id: string;
        };
        ComputedFields: never;
        Insert: {
          avoided_until?: string | null;
          credential_id: string;
          failures_in_a_row?: number;
          last_error?: string | null;
          last_failed_at?: string | null;
          organization_id: string;
        };
        Update: {
          avoided_until?: string | null;
          credential_id?: string;
          failures_in_a_row?: number;
          last_error?: string | null;
          last_failed_at?: string | null;
          organization_id?: string;
        };
        Relationships: [];
      };
      freezes: {
        Row: {
          frozen_at: string;
          frozen_by: string | null;
          id: string;
          organization_id: string;
          reason: string;
          scope: string;
          scope_id: string;
        };
        ComputedFields: never;
        Insert: {
          frozen_at?: string;
          frozen_by?: string | null;
          id?: string;
          organization_id: string;
          reason: string;
          scope: string;
          scope_id: string;
        };
        Update: {
          frozen_at?: string;
          frozen_by?: string | null;
          id?: string;
          organization_id?: string;
          reason?: string;
          scope?: string;
          scope_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'freezes_frozen_by_fkey';
            columns: ['frozen_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'freezes_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      invitations: {
        Row: {
          accepted_at: string | null;
          accepted_by: string | null;
          created_at: string;
          email: string;
          expires_at: string;
          id: string;
          invited_by: string | null;
          organization_id: string;
          role: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email: string;
          expires_at?: string;
          id?: string;
          invited_by?: string | null;
          organization_id: string;
          role: string;
        };
        Update: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email?: string;
          expires_at?: string;
          id?: string;
          invited_by?: string | null;
          organization_id?: string;
          role?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'invitations_accepted_by_fkey';
            columns: ['accepted_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'invitations_invited_by_fkey';
            columns: ['invited_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'invitations_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      model_aliases: {
        Row: {
          created_at: string;
          created_by: string | null;
          id: string;
          name: string;
          organization_id: string;
          targets: string[];
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          created_by?: string | null;
          id?: string;
          name: string;
          organization_id: string;
          targets: string[];
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          created_by?: string | null;
          id?: string;
          name?: string;
          organization_id?: string;
          targets?: string[];
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'model_aliases_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'model_aliases_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      model_prices: {
        Row: {
          cache_read_usd_per_mtok: number | null;
          cache_write_1h_usd_per_mtok: number | null;
          cache_write_5m_usd_per_mtok: number | null;
          context_tiers: NonNullable<Json>;
          created_at: string;
          id: number;
          input_usd_per_mtok: number | null;
          is_superseded: boolean;
          media_rates: NonNullable<Json>;
          model: string;
          organization_id: string | null;
          output_usd_per_mtok: number | null;
          provider: string;
          service_tier: string;
          source: string;
          valid_from: string;
        };
        ComputedFields: never;
        Insert: {
          cache_read_usd_per_mtok?: number | null;
          cache_write_1h_usd_per_mtok?: number | null;
          cache_write_5m_usd_per_mtok?: number | null;
          context_tiers?: NonNullable<Json>;
          created_at?: string;
          id?: never;
          input_usd_per_mtok?: number | null;
          is_superseded?: boolean;
          media_rates?: NonNullable<Json>;
          model: string;
          organization_id?: string | null;
          output_usd_per_mtok?: number | null;
          provider: string;
          service_tier?: string;
          source: string;
          valid_from: string;
        };
        Update: {
          cache_read_usd_per_mtok?: number | null;
          cache_write_1h_usd_per_mtok?: number | null;
          cache_write_5m_usd_per_mtok?: number | null;
          context_tiers?: NonNullable<Json>;
          created_at?: string;
          id?: never;
          input_usd_per_mtok?: number | null;
          is_superseded?: boolean;
          media_rates?: NonNullable<Json>;
          model?: string;
          organization_id?: string | null;
          output_usd_per_mtok?: number | null;
          provider?: string;
          service_tier?: string;
          source?: string;
          valid_from?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'model_prices_model_fkey';
            columns: ['provider', 'model'];
            isOneToOne: false;
            referencedRelation: 'models';
            referencedColumns: ['provider', 'model'];
          },
          {
            foreignKeyName: 'model_prices_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      models: {
        Row: {
          context_window: number | null;
          display_name: string;
          is_deprecated: boolean;
          model: string;
          name_match: NonNullable<Json>;
          position: number;
          provider: string;
        };
        ComputedFields: never;
        Insert: {
          context_window?: number | null;
          display_name: string;
          is_deprecated?: boolean;
          model: string;
          name_match: NonNullable<Json>;
          position: number;
          provider: string;
        };
        Update: {
          context_window?: number | null;
          display_name?: string;
          is_deprecated?: boolean;
          model?: string;
          name_match?: NonNullable<Json>;
          position?: number;
          provider?: string;
        };
        Relationships: [];
      };
      notifications: {
        Row: {
          created_at: string;
          data: NonNullable<Json>;
          id: number;
          kind: string;
          organization_id: string;
          read_at: string | null;
          subject_id: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          data?: NonNullable<Json>;
          id?: never;
          kind: string;
          organization_id: string;
          read_at?: string | null;
          subject_id: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          data?: NonNullable<Json>;
          id?: never;
          kind?: string;
          organization_id?: string;
          read_at?: string | null;
          subject_id?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'notifications_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'notifications_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
      office_events: {
        Row: {
          agent_id: string | null;
          at: string;
          cost_usd: number | null;
          details: NonNullable<Json>;
          kind: string;
          organization_id: string;
          seq: number;
          task_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          at?: string;
          cost_usd?: number | null;
          details?: NonNullable<Json>;
          kind: string;
          organization_id: string;
          seq: number;
          task_id?: string | null;
        };
        Update: {
          agent_id?: string | null;
          at?: string;
          cost_usd?: number | null;
          details?: NonNullable<Json>;
          kind?: string;
          organization_id?: string;
          seq?: number;
          task_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'office_events_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      office_sessions: {
        Row: {
          agent_positions: NonNullable<Json>;
          last_activity: string;
          organization_id: string;
          user_id: string;
          x: number | null;
          y: number | null;
        };
        ComputedFields: never;
        Insert: {
          agent_positions?: NonNullable<Json>;
          last_activity?: string;
          organization_id: string;
          user_id: string;
          x?: number | null;
          y?: number | null;
        };
        Update: {
          agent_positions?: NonNullable<Json>;
          last_activity?: string;
          organization_id?: string;
          user_id?: string;
          x?: number | null;
          y?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: 'office_sessions_member';
            columns: ['organization_id', 'user_id'];
            isOneToOne: true;
            referencedRelation: 'organization_members';
            referencedColumns: ['organization_id', 'user_id'];
          },
        ];
      };
      open_calls: {
        Row: {
          agent_id: string | null;
          attempts: Json | null;
          cache_read_tokens: number;
          cache_write_1h_tokens: number;
          cache_write_5m_tokens: number;
          cost_usd: number | null;
          created_at: string;
          credential_id: string | null;
          dialect: string;
          error_code: string | null;
          first_byte_ms: number | null;
          held_input_tokens: number;
          held_output_tokens: number;
          held_usd: number;
          http_status: number | null;
          id: string;
          input_tokens: number;
          is_cached: boolean;
          is_sandbox: boolean;
          is_stream: boolean;
          latency_ms: number | null;
          lease_until: string | null;
          max_output_tokens: number | null;
          media: Json | null;
          model: string;
          model_alias: string | null;
          model_price_id: number | null;
          operation: string;
          organization_id: string;
          output_tokens: number;
          overhead_ms: number | null;
          project_id: string;
          provider: string;
          proxy_key_id: string;
          raw_usage: Json | null;
          reasoning_tokens: number;
          request_id: string;
          saved_usd: number | null;
          served_model: string | null;
          service_tier: string | null;
          settled_at: string | null;
          status: Database['public']['Enums']['call_status'];
          tags: string[];
          task_id: string | null;
          upstream_request_id: string | null;
          usage_source: Database['public']['Enums']['usage_source'] | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          attempts?: Json | null;
          cache_read_tokens?: number;
          cache_write_1h_tokens?: number;
          cache_write_5m_tokens?: number;
          cost_usd?: number | null;
          created_at: string;
          credential_id?: string | null;
          dialect: string;
          error_code?: string | null;
          first_byte_ms?: number | null;
          held_input_tokens?: number;
          held_output_tokens?: number;
          held_usd?: number;
          http_status?: number | null;
          id: string;
          input_tokens?: number;
          is_cached?: boolean;
          is_sandbox?: boolean;
          is_stream?: boolean;
          latency_ms?: number | null;
          lease_until?: string | null;
          max_output_tokens?: number | null;
          media?: Json | null;
          model: string;
          model_alias?: string | null;
          model_price_id?: number | null;
          operation: string;
          organization_id: string;
          output_tokens?: number;
          overhead_ms?: number | null;
          project_id: string;
          provider: string;
          proxy_key_id: string;
          raw_usage?: Json | null;
          reasoning_tokens?: number;
          request_id: string;
          saved_usd?: number | null;
          served_model?: string | null;
          service_tier?: string | null;
          settled_at?: string | null;
          status: Database['public']['Enums']['call_status'];
          tags?: string[];
          task_id?: string | null;
          upstream_request_id?: string | null;
          usage_source?: Database['public']['Enums']['usage_source'] | null;
          user_id?: string | null;
        };
        Update: {
          agent_id?: string | null;
          attempts?: Json | null;
          cache_read_tokens?: number;
          cache_write_1h_tokens?: number;
          cache_write_5m_tokens?: number;
          cost_usd?: number | null;
          created_at?: string;
          credential_id?: string | null;
          dialect?: string;
          error_code?: string | null;
          first_byte_ms?: number | null;
          held_input_tokens?: number;
          held_output_tokens?: number;
          held_usd?: number;
          http_status?: number | null;
          id?: string;
          input_tokens?: number;
          is_cached?: boolean;
          is_sandbox?: boolean;
          is_stream?: boolean;
          latency_ms?: number | null;
          lease_until?: string | null;
          max_output_tokens?: number | null;
          media?: Json | null;
          model?: string;
          model_alias?: string | null;
          model_price_id?: number | null;
          operation?: string;
          organization_id?: string;
          output_tokens?: number;
          overhead_ms?: number | null;
          project_id?: string;
          provider?: string;
          proxy_key_id?: string;
          raw_usage?: Json | null;
          reasoning_tokens?: number;
          request_id?: string;
          saved_usd?: number | null;
          served_model?: string | null;
          service_tier?: string | null;
          settled_at?: string | null;
          status?: Database['public']['Enums']['call_status'];
          tags?: string[];
          task_id?: string | null;
          upstream_request_id?: string | null;
          usage_source?: Database['public']['Enums']['usage_source'] | null;
          user_id?: string | null;
        };
        Relationships: [];
      };
      organization_members: {
        Row: {
          created_at: string;
          organization_id: string;
          role: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          organization_id: string;
          role: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          organization_id?: string;
          role?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'organization_members_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'organization_members_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
      organization_plan_overrides: {
        Row: {
          amount: number | null;
          created_at: string;
          is_unlimited: boolean;
          organization_id: string;
          reason: string;
          resource: string;
        };
        ComputedFields: never;
        Insert: {
          amount?: number | null;
          created_at?: string;
          is_unlimited?: boolean;
          organization_id: string;
          reason?: string;
          resource: string;
        };
        Update: {
          amount?: number | null;
          created_at?: string;
          is_unlimited?: boolean;
          organization_id?: string;
          reason?: string;
          resource?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'organization_plan_overrides_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      organization_prices: {
        Row: {
          cache_read_usd_per_mtok: number | null;
          cache_write_1h_usd_per_mtok: number | null;
          cache_write_5m_usd_per_mtok: number | null;
          created_at: string;
          created_by: string | null;
          discount_percent: number | null;
          id: string;
          input_usd_per_mtok: number | null;
          model: string | null;
          organization_id: string;
          output_usd_per_mtok: number | null;
          provider: string;
          valid_from: string;
        };
        ComputedFields: never;
        Insert: {
          cache_read_usd_per_mtok?: number | null;
          cache_write_1h_usd_per_mtok?: number | null;
          cache_write_5m_usd_per_mtok?: number | null;
          created_at?: string;
          created_by?: string | null;
          discount_percent?: number | null;
          id?: string;
          input_usd_per_mtok?: number | null;
          model?: string | null;
          organization_id: string;
          output_usd_per_mtok?: number | null;
          provider: string;
          valid_from?: string;
        };
        Update: {
          cache_read_usd_per_mtok?: number | null;
          cache_write_1h_usd_per_mtok?: number | null;
          cache_write_5m_usd_per_mtok?: number | null;
          created_at?: string;
          created_by?: string | null;
          discount_percent?: number | null;
          id?: string;
          input_usd_per_mtok?: number | null;
          model?: string | null;
          organization_id?: string;
          output_usd_per_mtok?: number | null;
          provider?: string;
          valid_from?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'organization_prices_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'organization_prices_model_fkey';
            columns: ['provider', 'model'];
            isOneToOne: false;
            referencedRelation: 'models';
            referencedColumns: ['provider', 'model'];
          },
          {
            foreignKeyName: 'organization_prices_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      organizations: {
        Row: {
          allows_unpriced_models: boolean;
          created_at: string;
          drift_alarm_percent: number;
          drift_alarm_usd: number;
          id: string;
          max_attempts: number;
          name: string;
          on_client_abort: string;
          personal_key_limit_usd: number | null;
          plan: string;
          preferences: NonNullable<Json>;
          sends_weekly_report: boolean;
          slug: string;
          time_zone: string;
          topic_epoch: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          allows_unpriced_models?: boolean;
          created_at?: string;
          drift_alarm_percent?: number;
          drift_alarm_usd?: number;
          id?: string;
          max_attempts?: number;
          name: string;
          on_client_abort?: string;
          personal_key_limit_usd?: number | null;
          plan?: string;
          preferences?: NonNullable<Json>;
          sends_weekly_report?: boolean;
          slug: string;
          time_zone?: string;
          topic_epoch?: number;
          updated_at?: string;
        };
        Update: {
          allows_unpriced_models?: boolean;
          created_at?: string;
          drift_alarm_percent?: number;
          drift_alarm_usd?: number;
          id?: string;
          max_attempts?: number;
          name?: string;
          on_client_abort?: string;
          personal_key_limit_usd?: number | null;
          plan?: string;
          preferences?: NonNullable<Json>;
          sends_weekly_report?: boolean;
          slug?: string;
          time_zone?: string;
          topic_epoch?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'organizations_plan_fkey';
            columns: ['plan'];
            isOneToOne: false;
            referencedRelation: 'plans';
            referencedColumns: ['plan'];
          },
        ];
      };
      plan_limits: {
        Row: {
          amount: number | null;
          is_unlimited: boolean;
          plan: string;
          resource: string;
        };
        ComputedFields: never;
        Insert: {
          amount?: number | null;
          is_unlimited?: boolean;
          plan: string;
          resource: string;
        };
        Update: {
          amount?: number | null;
          is_unlimited?: boolean;
          plan?: string;
          resource?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'plan_limits_plan_fkey';
            columns: ['plan'];
            isOneToOne: false;
            referencedRelation: 'plans';
            referencedColumns: ['plan'];
          },
        ];
      };
      plans: {
        Row: {
          list_price_usd_month: number;
          list_price_usd_year: number | null;
          name: string;
          plan: string;
          position: number;
        };
        ComputedFields: never;
        Insert: {
          list_price_usd_month: number;
          list_price_usd_year?: never;
          name: string;
          plan: string;
          position: number;
        };
        Update: {
          list_price_usd_month?: number;
          list_price_usd_year?: never;
          name?: string;
          plan?: string;
          position?: number;
        };
        Relationships: [];
      };
      profiles: {
        Row: {
          created_at: string;
          email: string;
          full_name: string;
          preferences: NonNullable<Json>;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          email: string;
          full_name?: string;
          preferences?: NonNullable<Json>;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          email?: string;
          full_name?: string;
          preferences?: NonNullable<Json>;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [];
      };
      projects: {
        Row: {
          archived_at: string | null;
          body_days: number;
          body_logging: string;
          created_at: string;
          description: string;
          id: string;
          name: string;
          organization_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          archived_at?: string | null;
          body_days?: number;
          body_logging?: string;
          created_at?: string;
          description?: string;
          id?: string;
          name: string;
          organization_id: string;
          updated_at?: string;
        };
        Update: {
          archived_at?: string | null;
          body_days?: number;
          body_logging?: string;
          created_at?: string;
          description?: string;
          id?: string;
          name?: string;
          organization_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'projects_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      provider_balances: {
        Row: {
          available_usd: number;
          organization_id: string;
          provider: string;
          read_at: string;
        };
        ComputedFields: never;
        Insert: {
          available_usd: number;
          organization_id: string;
          provider: string;
          read_at: string;
        };
        Update: {
          available_usd?: number;
          organization_id?: string;
          provider?: string;
          read_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'provider_balances_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      provider_credentials: {
        Row: {
          created_at: string;
          created_by: string | null;
          id: string;
          is_active: boolean;
          last_four: string | null;
          name: string;
          organization_id: string;
          priority: number;
          provider: string;
          rotated_at: string | null;
          test_error: string | null;
          tested_at: string | null;
          updated_at: string;
          weight: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          created_by?: string | null;
          id?: string;
          is_active?: boolean;
          last_four?: string | null;
          name: string;
          organization_id: string;
          priority?: number;
          provider: string;
          rotated_at?: string | null;
          test_error?: string | null;
          tested_at?: string | null;
          updated_at?: string;
          weight?: number;
        };
        Update: {
          created_at?: string;
          created_by?: string | null;
          id?: string;
          is_active?: boolean;
          last_four?: string | null;
          name?: string;
          organization_id?: string;
          priority?: number;
          provider?: string;
          rotated_at?: string | null;
          test_error?: string | null;
          tested_at?: string | null;
          updated_at?: string;
          weight?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'provider_credentials_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'provider_credentials_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      provider_report_lines: {
        Row: {
          cache_read_tokens: number;
          cache_write_1h_tokens: number;
          cache_write_5m_tokens: number;
          cost_usd: number;
          day: string;
          input_tokens: number;
          kind: string;
          line_item: string;
          model: string | null;
          organization_id: string;
          output_tokens: number;
          provider: string;
          requests: number | null;
          service_tier: string;
        };
        ComputedFields: never;
        Insert: {
          cache_read_tokens?: number;
          cache_write_1h_tokens?: number;
          cache_write_5m_tokens?: number;
          cost_usd?: number;
          day: string;
          input_tokens?: number;
          kind: string;
          line_item: string;
          model?: string | null;
          organization_id: string;
          output_tokens?: number;
          provider: string;
          requests?: number | null;
          service_tier: string;
        };
        Update: {
          cache_read_tokens?: number;
          cache_write_1h_tokens?: number;
          cache_write_5m_tokens?: number;
          cost_usd?: number;
          day?: string;
          input_tokens?: number;
          kind?: string;
          line_item?: string;
          model?: string | null;
          organization_id?: string;
          output_tokens?: number;
          provider?: string;
          requests?: number | null;
          service_tier?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'provider_report_lines_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      proxy_keys: {
        Row: {
          allowed_models: string[] | null;
          cache_seconds: number | null;
          created_at: string;
          created_by: string | null;
          expires_at: string | null;
          id: string;
          is_internal: boolean;
          last_used_at: string | null;
          member_id: string | null;
          name: string;
          organization_id: string;
          previous_until: string | null;
          project_id: string;
          public_id: string;
          revoked_at: string | null;
          rotated_at: string | null;
        };
        ComputedFields: never;
        Insert: {
          allowed_models?: string[] | null;
          cache_seconds?: number | null;
          created_at?: string;
          created_by?: string | null;
          expires_at?: string | null;
          id?: string;
          is_internal?: boolean;
          last_used_at?: string | null;
          member_id?: string | null;
          name: string;
          organization_id: string;
          previous_until?: string | null;
          project_id: string;
          public_id: string;
          revoked_at?: string | null;
          rotated_at?: string | null;
        };
        Update: {
          allowed_models?: string[] | null;
          cache_seconds?: number | null;
          created_at?: string;
          created_by?: string | null;
          expires_at?: string | null;
          id?: string;
          is_internal?: boolean;
          last_used_at?: string | null;
          member_id?: string | null;
          name?: string;
          organization_id?: string;
          previous_until?: string | null;
          project_id?: string;
          public_id?: string;
          revoked_at?: string | null;
          rotated_at?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'proxy_keys_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'proxy_keys_member_id_fkey';
            columns: ['member_id'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'proxy_keys_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'proxy_keys_project_id_fkey';
            columns: ['project_id'];
            isOneToOne: false;
            referencedRelation: 'projects';
            referencedColumns: ['id'];
          },
        ];
      };
      rate_limits: {
        Row: {
          id: string;
          max_open_calls: number | null;
          open_calls: number;
          organization_id: string;
          request_slots: number[];
          requests_per_minute: number | null;
          scope: string;
          scope_id: string;
          slot: number;
          token_slots: number[];
          tokens_per_minute: number | null;
        };
        ComputedFields: never;
        Insert: {
          id?: string;
          max_open_calls?: number | null;
          open_calls?: number;
          organization_id: string;
          request_slots?: number[];
          requests_per_minute?: number | null;
          scope: string;
          scope_id: string;
          slot?: number;
          token_slots?: number[];
          tokens_per_minute?: number | null;
        };
        Update: {
          id?: string;
          max_open_calls?: number | null;
          open_calls?: number;
          organization_id?: string;
          request_slots?: number[];
          requests_per_minute?: number | null;
          scope?: string;
          scope_id?: string;
          slot?: number;
          token_slots?: number[];
          tokens_per_minute?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: 'rate_limits_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      reconciliation_lines: {
        Row: {
          causes: NonNullable<Json>;
          day: string;
          drift_usd: number;
          is_divided: boolean;
          is_model: boolean;
          item: string;
          organization_id: string;
          ours_calls: number;
          ours_input_tokens: number;
          ours_output_tokens: number;
          ours_usd: number;
          provider: string;
          theirs_calls: number | null;
          theirs_input_tokens: number | null;
          theirs_output_tokens: number | null;
          theirs_usd: number;
        };
        ComputedFields: never;
        Insert: {
          causes: NonNullable<Json>;
          day: string;
          drift_usd?: never;
          is_divided: boolean;
          is_model: boolean;
          item: string;
          organization_id: string;
          ours_calls: number;
          ours_input_tokens: number;
          ours_output_tokens: number;
          ours_usd: number;
          provider: string;
          theirs_calls?: number | null;
          theirs_input_tokens?: number | null;
          theirs_output_tokens?: number | null;
          theirs_usd: number;
        };
        Update: {
          causes?: NonNullable<Json>;
          day?: string;
          drift_usd?: never;
          is_divided?: boolean;
          is_model?: boolean;
          item?: string;
          organization_id?: string;
          ours_calls?: number;
          ours_input_tokens?: number;
          ours_output_tokens?: number;
          ours_usd?: number;
          provider?: string;
          theirs_calls?: number | null;
          theirs_input_tokens?: number | null;
          theirs_output_tokens?: number | null;
          theirs_usd?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'reconciliation_lines_reconciliation_fkey';
            columns: ['organization_id', 'provider', 'day'];
            isOneToOne: false;
            referencedRelation: 'reconciliations';
            referencedColumns: ['organization_id', 'provider', 'day'];
          },
        ];
      };
      reconciliations: {
        Row: {
          causes: NonNullable<Json>;
          day: string;
          drift_usd: number;
          is_alarming: boolean;
          is_before_first_call: boolean;
          is_provisional: boolean;
          organization_id: string;
          ours_usd: number;
          provider: string;
          reconciled_at: string;
          theirs_usd: number;
        };
        ComputedFields: never;
        Insert: {
          causes: NonNullable<Json>;
          day: string;
          drift_usd?: never;
          is_alarming: boolean;
          is_before_first_call: boolean;
          is_provisional: boolean;
          organization_id: string;
          ours_usd: number;
          provider: string;
          reconciled_at?: string;
          theirs_usd: number;
        };
        Update: {
          causes?: NonNullable<Json>;
          day?: string;
          drift_usd?: never;
          is_alarming?: boolean;
          is_before_first_call?: boolean;
          is_provisional?: boolean;
          organization_id?: string;
          ours_usd?: number;
          provider?: string;
          reconciled_at?: string;
          theirs_usd?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'reconciliations_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      report_mails: {
        Row: {
          attempts: number;
          created_at: string;
          due_at: string;
          every: string;
          last_error: string | null;
          leased_until: string | null;
          organization_id: string;
          saved_report_id: string;
          sent_at: string | null;
          try_until: string | null;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          attempts?: number;
          created_at?: string;
          due_at: string;
          every: string;
          last_error?: string | null;
          leased_until?: string | null;
          organization_id: string;
          saved_report_id: string;
          sent_at?: string | null;
          try_until?: string | null;
          user_id: string;
        };
        Update: {
          attempts?: number;
          created_at?: string;
          due_at?: string;
          every?: string;
          last_error?: string | null;
          leased_until?: string | null;
          organization_id?: string;
          saved_report_id?: string;
          sent_at?: string | null;
          try_until?: string | null;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'report_mails_member_fkey';
            columns: ['organization_id', 'user_id'];
            isOneToOne: false;
            referencedRelation: 'organization_members';
            referencedColumns: ['organization_id', 'user_id'];
          },
          {
            foreignKeyName: 'report_mails_saved_report_id_fkey';
            columns: ['saved_report_id'];
            isOneToOne: false;
            referencedRelation: 'saved_reports';
            referencedColumns: ['id'];
          },
        ];
      };
      reporting_logins: {
        Row: {
          created_at: string;
          created_by: string | null;
          id: string;
          last_used_at: string | null;
          name: string;
          organization_id: string;
          role_name: unknown;
          username: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          created_by?: string | null;
          id?: string;
          last_used_at?: string | null;
          name: string;
          organization_id: string;
          role_name: unknown;
          username: string;
        };
        Update: {
          created_at?: string;
          created_by?: string | null;
          id?: string;
          last_used_at?: string | null;
          name?: string;
          organization_id?: string;
          role_name?: unknown;
          username?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'reporting_logins_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'reporting_logins_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      repricings: {
        Row: {
          after_usd: number;
          before_usd: number;
          calls: number;
          created_at: string;
          created_by: string | null;
          from_at: string;
          id: string;
          organization_id: string;
          to_at: string;
        };
        ComputedFields: never;
        Insert: {
          after_usd: number;
          before_usd: number;
          calls: number;
          created_at?: string;
          created_by?: string | null;
          from_at: string;
          id?: string;
          organization_id: string;
          to_at: string;
        };
        Update: {
          after_usd?: number;
          before_usd?: number;
          calls?: number;
          created_at?: string;
          created_by?: string | null;
          from_at?: string;
          id?: string;
          organization_id?: string;
          to_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'repricings_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'repricings_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      saved_reports: {
        Row: {
          chart: string;
          created_at: string;
          created_by: string | null;
          id: string;
          name: string;
          organization_id: string;
          query: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          chart?: string;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          name: string;
          organization_id: string;
          query: string;
          updated_at?: string;
        };
        Update: {
          chart?: string;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          name?: string;
          organization_id?: string;
          query?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'saved_reports_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'saved_reports_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      statement_lines: {
        Row: {
          calls: number;
          cost_usd: number;
          dimension: string;
          input_tokens: number;
          key: string;
          label: string;
          organization_id: string;
          output_tokens: number;
          position: number;
          statement_id: string;
          usage_month: string;
        };
        ComputedFields: never;
        Insert: {
          calls: number;
          cost_usd: number;
          dimension: string;
          input_tokens: number;
          key: string;
          label: string;
          organization_id: string;
          output_tokens: number;
          position: number;
          statement_id: string;
          usage_month: string;
        };
        Update: {
          calls?: number;
          cost_usd?: number;
          dimension?: string;
          input_tokens?: number;
          key?: string;
          label?: string;
          organization_id?: string;
          output_tokens?: number;
          position?: number;
          statement_id?: string;
          usage_month?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'statement_lines_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'statement_lines_statement_id_fkey';
            columns: ['statement_id'];
            isOneToOne: false;
            referencedRelation: 'statements';
            referencedColumns: ['id'];
          },
        ];
      };
      statements: {
        Row: {
          adjustments_usd: number;
          calls: number;
          checksum: string;
          closed_at: string;
          closed_by: string | null;
          closed_by_email: string | null;
          ends_at: string;
          id: string;
          month: string;
          organization_id: string;
          starts_at: string;
          time_zone: string;
          total_usd: number;
          usage_usd: number;
        };
        ComputedFields: never;
        Insert: {
          adjustments_usd: number;
          calls: number;
          checksum: string;
          closed_at?: string;
          closed_by?: string | null;
          closed_by_email?: string | null;
          ends_at: string;
          id?: string;
          month: string;
          organization_id: string;
          starts_at: string;
          time_zone: string;
          total_usd?: never;
          usage_usd: number;
        };
        Update: {
          adjustments_usd?: number;
          calls?: number;
          checksum?: string;
          closed_at?: string;
          closed_by?: string | null;
          closed_by_email?: string | null;
          ends_at?: string;
          id?: string;
          month?: string;
          organization_id?: string;
          starts_at?: string;
          time_zone?: string;
          total_usd?: never;
          usage_usd?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'statements_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      task_steps: {
        Row: {
          agent_id: string | null;
          call_id: string | null;
          cost_usd: number;
          created_by: string | null;
          finished_at: string | null;
          id: number;
          input: Json | null;
          input_tokens: number;
          kind: string;
          number: number;
          organization_id: string;
          output: Json | null;
          output_tokens: number;
          started_at: string;
          status: string;
          task_id: string;
          text: string;
          tool: string | null;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          call_id?: string | null;
          cost_usd?: number;
          created_by?: string | null;
          finished_at?: string | null;
          id?: never;
          input?: Json | null;
          input_tokens?: number;
          kind: string;
          number: number;
          organization_id: string;
          output?: Json | null;
          output_tokens?: number;
          started_at?: string;
          status?: string;
          task_id: string;
          text?: string;
          tool?: string | null;
        };
        Update: {
          agent_id?: string | null;
          call_id?: string | null;
          cost_usd?: number;
          created_by?: string | null;
          finished_at?: string | null;
          id?: never;
          input?: Json | null;
          input_tokens?: number;
          kind?: string;
          number?: number;
          organization_id?: string;
          output?: Json | null;
          output_tokens?: number;
          started_at?: string;
          status?: string;
          task_id?: string;
          text?: string;
          tool?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'task_steps_agent_id_fkey';
            columns: ['agent_id'];
            isOneToOne: false;
            referencedRelation: 'agents';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'task_steps_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'task_steps_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'task_steps_task_id_fkey';
            columns: ['task_id'];
            isOneToOne: false;
            referencedRelation: 'tasks';
            referencedColumns: ['id'];
          },
        ];
      };
      tasks: {
        Row: {
          agent_id: string | null;
          approver_id: string | null;
          attempts: number;
          claimed_at: string | null;
          claims: number;
          claims_before: number;
          cost_usd: number;
          created_at: string;
          created_by: string | null;
          decided_by: string | null;
          description: string;
          due_at: string;
          failure_code: string | null;
          failure_message: string | null;
          finished_at: string | null;
          id: string;
          is_blocked: boolean;
          lease_token: string | null;
          lease_until: string | null;
          needs_approval: boolean;
          organization_id: string;
          parent_id: string | null;
          parent_step_id: number | null;
          result: string | null;
          result_hash: string | null;
          run_base_usd: number;
          run_first_step: number;
          run_started_at: string | null;
          source: NonNullable<Json>;
          started_at: string | null;
          status: Database['public']['Enums']['task_status'];
          title: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          approver_id?: string | null;
          attempts?: number;
          claimed_at?: string | null;
          claims?: number;
          claims_before?: number;
          cost_usd?: number;
          created_at?: string;
          created_by?: string | null;
          decided_by?: string | null;
          description?: string;
          due_at?: string;
          failure_code?: string | null;
          failure_message?: string | null;
          finished_at?: string | null;
          id?: string;
          is_blocked?: never;
          lease_token?: string | null;
          lease_until?: string | null;
          needs_approval?: boolean;
          organization_id: string;
          parent_id?: string | null;
          parent_step_id?: number | null;
          result?: string | null;
          result_hash?: never;
          run_base_usd?: number;
          run_first_step?: number;
          run_started_at?: string | null;
          source?: NonNullable<Json>;
          started_at?: string | null;
          status?: Database['public']['Enums']['task_status'];
          title: string;
          updated_at?: string;
        };
        Update: {
          agent_id?: string | null;
          approver_id?: string | null;
          attempts?: number;
          claimed_at?: string | null;
          claims?: number;
          claims_before?: number;
          cost_usd?: number;
          created_at?: string;
          created_by?: string | null;
          decided_by?: string | null;
          description?: string;
          due_at?: string;
          failure_code?: string | null;
          failure_message?: string | null;
          finished_at?: string | null;
          id?: string;
          is_blocked?: never;
          lease_token?: string | null;
          lease_until?: string | null;
          needs_approval?: boolean;
          organization_id?: string;
          parent_id?: string | null;
          parent_step_id?: number | null;
          result?: string | null;
          result_hash?: never;
          run_base_usd?: number;
          run_first_step?: number;
          run_started_at?: string | null;
          source?: NonNullable<Json>;
          started_at?: string | null;
          status?: Database['public']['Enums']['task_status'];
          title?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'tasks_agent_id_fkey';
            columns: ['agent_id'];
            isOneToOne: false;
            referencedRelation: 'agents';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tasks_approver_id_fkey';
            columns: ['approver_id'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'tasks_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'tasks_decided_by_fkey';
            columns: ['decided_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'tasks_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tasks_parent_id_fkey';
            columns: ['parent_id'];
            isOneToOne: false;
            referencedRelation: 'tasks';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_adjustments: {
        Row: {
          after_price_id: number;
          after_usd: number;
          before_price_id: number | null;
          before_usd: number | null;
          call_created_at: string;
          call_id: string;
          organization_id: string;
          repricing_id: string;
        };
        ComputedFields: never;
        Insert: {
          after_price_id: number;
          after_usd: number;
          before_price_id?: number | null;
          before_usd?: number | null;
          call_created_at: string;
          call_id: string;
          organization_id: string;
          repricing_id: string;
        };
        Update: {
          after_price_id?: number;
          after_usd?: number;
          before_price_id?: number | null;
          before_usd?: number | null;
          call_created_at?: string;
          call_id?: string;
          organization_id?: string;
          repricing_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_adjustments_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_adjustments_repricing_id_fkey';
            columns: ['repricing_id'];
            isOneToOne: false;
            referencedRelation: 'repricings';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_archives: {
        Row: {
          bytes: number;
          calls: number;
          cost_usd: number;
          created_at: string;
          first_call_at: string;
          id: string;
          last_call_at: string;
          last_call_id: string;
          month: string;
          organization_id: string;
          part: number;
          path: string;
          sha256: string;
        };
        ComputedFields: never;
        Insert: {
          bytes: number;
          calls: number;
          cost_usd: number;
          created_at?: string;
          first_call_at: string;
          id?: string;
          last_call_at: string;
          last_call_id: string;
          month: string;
          organization_id: string;
          part: number;
          path: string;
          sha256: string;
        };
        Update: {
          bytes?: number;
          calls?: number;
          cost_usd?: number;
          created_at?: string;
          first_call_at?: string;
          id?: string;
          last_call_at?: string;
          last_call_id?: string;
          month?: string;
          organization_id?: string;
          part?: number;
          path?: string;
          sha256?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_archives_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_latency_rollups: {
        Row: {
          bucket_at: string;
          calls: number;
          latency_bucket: number;
          organization_id: string;
        };
        ComputedFields: never;
        Insert: {
          bucket_at: string;
          calls: number;
          latency_bucket: number;
          organization_id: string;
        };
        Update: {
          bucket_at?: string;
          calls?: number;
          latency_bucket?: number;
          organization_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_latency_rollups_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_latency_sums: {
        Row: {
          calls: number;
          day: string;
          latency_bucket: number;
          organization_id: string;
          span_days: number;
        };
        ComputedFields: never;
        Insert: {
          calls: number;
          day: string;
          latency_bucket: number;
          organization_id: string;
          span_days: number;
        };
        Update: {
          calls?: number;
          day?: string;
          latency_bucket?: number;
          organization_id?: string;
          span_days?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_latency_sums_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_quarters: {
        Row: {
          bucket_at: string;
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          errors: number;
          input_tokens: number;
          organization_id: string;
          output_tokens: number;
          refusals: number;
        };
        ComputedFields: never;
        Insert: {
          bucket_at: string;
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          errors: number;
          input_tokens: number;
          organization_id: string;
          output_tokens: number;
          refusals: number;
        };
        Update: {
          bucket_at?: string;
          cache_read_tokens?: number;
          calls?: number;
          cost_usd?: number;
          errors?: number;
          input_tokens?: number;
          organization_id?: string;
          output_tokens?: number;
          refusals?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_quarters_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_restores: {
        Row: {
          error: string | null;
          lease_until: string | null;
          month: string;
          organization_id: string;
          parts: number;
          parts_done: number;
          requested_at: string;
          requested_by: string | null;
          restored_until: string;
        };
        ComputedFields: never;
        Insert: {
          error?: string | null;
          lease_until?: string | null;
          month: string;
          organization_id: string;
          parts: number;
          parts_done?: number;
          requested_at?: string;
          requested_by?: string | null;
          restored_until: string;
        };
        Update: {
          error?: string | null;
          lease_until?: string | null;
          month?: string;
          organization_id?: string;
          parts?: number;
          parts_done?: number;
          requested_at?: string;
          requested_by?: string | null;
          restored_until?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_restores_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_restores_requested_by_fkey';
            columns: ['requested_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
      usage_rollups: {
        Row: {
          agent_id: string;
          bucket_at: string;
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          errors: number;
          input_tokens: number;
          model: string;
          organization_id: string;
          output_tokens: number;
          project_id: string;
          provider: string;
          proxy_key_id: string;
          refusals: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          bucket_at: string;
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          errors: number;
          input_tokens: number;
          model: string;
          organization_id: string;
          output_tokens: number;
          project_id: string;
          provider: string;
          proxy_key_id: string;
          refusals: number;
          user_id: string;
        };
        Update: {
          agent_id?: string;
          bucket_at?: string;
          cache_read_tokens?: number;
          calls?: number;
          cost_usd?: number;
          errors?: number;
          input_tokens?: number;
          model?: string;
          organization_id?: string;
          output_tokens?: number;
          project_id?: string;
          provider?: string;
          proxy_key_id?: string;
          refusals?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_rollups_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_sums: {
        Row: {
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          day: string;
          dimension: string;
          errors: number;
          input_tokens: number;
          key: string;
          organization_id: string;
          output_tokens: number;
          refusals: number;
          span_days: number;
        };
        ComputedFields: never;
        Insert: {
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          day: string;
          dimension: string;
          errors: number;
          input_tokens: number;
          key: string;
          organization_id: string;
          output_tokens: number;
          refusals: number;
          span_days: number;
        };
        Update: {
          cache_read_tokens?: number;
          calls?: number;
          cost_usd?: number;
          day?: string;
          dimension?: string;
          errors?: number;
          input_tokens?: number;
          key?: string;
          organization_id?: string;
          output_tokens?: number;
          refusals?: number;
          span_days?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_sums_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_tag_rollups: {
        Row: {
          bucket_at: string;
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          errors: number;
          input_tokens: number;
          organization_id: string;
          output_tokens: number;
          refusals: number;
          tag: string;
        };
        ComputedFields: never;
        Insert: {
          bucket_at: string;
          cache_read_tokens: number;
          calls: number;
          cost_usd: number;
          errors: number;
          input_tokens: number;
          organization_id: string;
          output_tokens: number;
          refusals: number;
          tag: string;
        };
        Update: {
          bucket_at?: string;
          cache_read_tokens?: number;
          calls?: number;
          cost_usd?: number;
          errors?: number;
          input_tokens?: number;
          organization_id?: string;
          output_tokens?: number;
          refusals?: number;
          tag?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_tag_rollups_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      team_costs_daily: {
        Row: {
          date: string | null;
          model: string | null;
          provider: string | null;
          request_count: number | null;
          team_id: string | null;
          total_cost: number | null;
          total_input: number | null;
          total_output: number | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      usage_archive_months: {
        Row: {
          bytes: number | null;
          calls: number | null;
          cost_usd: number | null;
          month: string;
          organization_id: string;
          parts: number | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'usage_archives_organization_id_fkey';
            columns: ['organization_id'];
            isOneToOne: false;
            referencedRelation: 'organizations';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_facts: {
        Row: {
          agent_id: string | null;
          bucket_at: string | null;
          cache_read_tokens: number | null;
          calls: number | null;
          cost_usd: number | null;
          errors: number | null;
          input_tokens: number | null;
          model: string | null;
          organization_id: string | null;
          output_tokens: number | null;
          project_id: string | null;
          provider: string | null;
          proxy_key_id: string | null;
          refusals: number | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      usage_logs: {
        Row: {
          api_key: string;
          cost: number | null;
          id: string;
          model: string;
          organization: string;
          project: string;
          timestamp: string;
          tokens_in: number;
          tokens_out: number;
        };
        ComputedFields: never;
        Insert: {
          api_key?: string | null;
          cost?: number | null;
          id?: string | null;
          model?: string | null;
          organization?: string | null;
          project?: string | null;
          timestamp?: string | null;
          tokens_in?: number | null;
          tokens_out?: number | null;
        };
        Update: {
          api_key?: string | null;
          cost?: number | null;
          id?: string | null;
          model?: string | null;
          organization?: string | null;
          project?: string | null;
          timestamp?: string | null;
          tokens_in?: number | null;
          tokens_out?: number | null;
        };
        Relationships: [];
      };
      whiteboard_notes: {
        Row: {
          board_id: string;
          color: string | null;
          created_at: string;
          note_id: string;
          organization_id: string;
          page_id: string;
          position: string | null;
          result_of: string | null;
          tab: string | null;
          text: string | null;
          updated_at: string;
          updated_by: string | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'board_records_board_id_fkey';
            columns: ['board_id'];
            isOneToOne: false;
            referencedRelation: 'boards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'board_records_updated_by_fkey';
            columns: ['updated_by'];
            isOneToOne: false;
            referencedRelation: 'profiles';
            referencedColumns: ['user_id'];
          },
        ];
      };
    };
    Functions: {
      accept_invitation: { Args: { token: string }; Returns: string };
      administer_billing_key: {
        Args: { id: string };
        Returns: {
          kind: string;
          organization_id: string;
          provider: string;
        }[];
      };
      administer_provider_credential: {
        Args: { id: string };
        Returns: {
          organization_id: string;
          provider: string;
        }[];
      };
      administer_reports: { Args: { organization_id: string }; Returns: undefined };
      admit_api_call: {
        Args: { key_hash: string; key_id: string; team_id?: string; user_id?: string };
        Returns: string;
      };
      admit_board_image: { Args: { board_id: string; user_id: string }; Returns: string };
      approve_task: { Args: { id: string; result_hash: string }; Returns: undefined };
      assign_task: {
        Args: {
          agent_id?: string;
          approver_id?: string;
          description?: string;
          needs_approval?: boolean;
          organization_id: string;
          source?: Json;
          title: string;
        };
        Returns: string;
      };
      begin_alert_channel_test: {
        Args: { id: string };
        Returns: {
          organization_id: string;
          organization_name: string;
          organization_slug: string;
          recipients: string[];
          type: string;
        }[];
      };
      begin_board_image: {
        Args: { board_id: string; bytes: number; type: string; user_id: string };
        Returns: string;
      };
      begin_step: {
        Args: {
          call_id?: string;
          input?: Json;
          kind: string;
          lease_token: string;
          task_id: string;
          tool?: string;
        };
        Returns: Json;
      };
      board_pull: { Args: { board_id: string; since: number }; Returns: Json };
      board_push: { Args: { board_id: string; pushes: Json }; Returns: Json };
      break_down_usage: {
        Args: {
          by_day?: boolean;
          dimension: string;
          from_at: string;
          organization_id: string;
          to_at: string;
        };
        Returns: {
          calls: number;
          cost_usd: string;
          day: string;
          errors: number;
          input_tokens: number;
          key: string;
          output_tokens: number;
        }[];
      };
      cancel_report: { Args: { organization_id: string; run_id: string }; Returns: boolean };
      change_member_role: {
        Args: { organization_id: string; role: string; user_id: string };
        Returns: undefined;
      };
      claim_alert_deliveries: {
        Args: { at?: string; batch: number; lease_seconds: number };
        Returns: {
          alert: Json;
          channel_id: string;
          ciphertext: string;
          id: string;
          leased_until: string;
          organization_id: string;
          organization_name: string;
          organization_slug: string;
          recipient: string;
          type: string;
        }[];
      };
      claim_archive: {
        Args: { at?: string };
        Returns: {
          attempt: number;
          month: string;
          organization_id: string;
        }[];
      };
      claim_billing_key: {
        Args: { billing_key_id?: string };
        Returns: {
          ciphertext: string;
          id: string;
          lease_until: string;
          organization_id: string;
          provider: string;
        }[];
      };
      claim_notification_mails: {
        Args: { at?: string; batch: number; lease_seconds: number };
        Returns: {
          data: Json;
          kind: string;
          leased_until: string;
          notification_id: number;
          organization_id: string;
          organization_name: string;
          organization_slug: string;
          recipient: string;
          subject_id: string;
        }[];
      };
      claim_report_mails: {
        Args: { at?: string; batch: number; lease_seconds: number };
        Returns: {
          every: string;
          leased_until: string;
          organization_id: string;
          organization_name: string;
          organization_slug: string;
          query: string;
          recipient: string;
          report_name: string;
          saved_report_id: string;
          user_id: string;
        }[];
      };
      claim_restore: {
        Args: Record<PropertyKey, never>;
        Returns: {
          month: string;
          organization_id: string;
          part: number;
          path: string;
          sha256: string;
        }[];
      };
      claim_task: { Args: { lease_seconds: number }; Returns: Json };
      close_month: { Args: { month: string; organization_id: string }; Returns: string };
      count_ended_call: { Args: Record<PropertyKey, never>; Returns: boolean };
      create_agent: {
        Args: {
          avatar?: string;
          budget_period?: string;
          budget_usd: number;
          model: string;
          name: string;
          project_id: string;
          role?: string;
          system_prompt?: string;
        };
        Returns: string;
      };
      create_board: { Args: { name: string; organization_id: string }; Returns: string };
      create_invitation: {
        Args: { email: string; organization_id: string; role: string };
        Returns: {
          expires_at: string;
          id: string;
          token: string;
        }[];
      };
      create_organization: { Args: { name: string }; Returns: string };
      create_reporting_login: {
        Args: { name: string; organization_id: string };
        Returns: {
          database: string;
          host: string;
          id: string;
          password: string;
          port: number;
          username: string;
        }[];
      };
      decide_budget_request: {
        Args: { id: string; is_granted: boolean; raised_until?: string };
        Returns: undefined;
      };
      delete_board_snapshot: { Args: { id: string }; Returns: undefined };
      delete_organization: { Args: { organization_id: string; slug: string }; Returns: undefined };
      describe_reporting_views: {
        Args: Record<PropertyKey, never>;
        Returns: {
          column_comment: string;
          column_name: string;
          column_type: string;
          view_comment: string;
          view_name: string;
        }[];
      };
      describe_teams: {
        Args: Record<PropertyKey, never>;
        Returns: {
          budget_is_unlimited: boolean;
          budget_usd: string;
          created_at: string;
          has_api_access: boolean;
          history_days: number;
          id: string;
          members: number;
          name: string;
          plan: string;
          role: string;
          slug: string;
          time_zone: string;
        }[];
      };
      dry_run_budget: {
        Args: {
          at?: string;
          limit_usd: number;
          organization_id: string;
          period: string;
          scope: string;
          scope_id: string;
        };
        Returns: {
          calls: number;
          cost_usd: string;
          first_refused_at: string;
          from_at: string;
          refused_calls: number;
          refused_usd: string;
          to_at: string;
        }[];
      };
      enable_sandbox: { Args: { organization_id: string }; Returns: string };
      export_board: { Args: { board_id: string }; Returns: Json };
      fail_restore: { Args: { error: string; month: string; organization_id: string }; Returns: undefined };
      finish_archive: {
        Args: { attempt: number; month: string; organization_id: string };
        Returns: undefined;
      };
      finish_billing_read: { Args: { error?: string; id: string; lease_until: string }; Returns: boolean };
      finish_step: {
        Args: { lease_token: string; output: Json; step_number: number; task_id: string; text: string };
        Returns: undefined;
      };
      forget_cached_answers: { Args: { project_id: string }; Returns: number };
      forget_stale_objects: { Args: { bucket_id: string; paths: string[] }; Returns: undefined };
      give_up_task: {
        Args: {
          code: string;
          is_final?: boolean;
          lease_token: string;
          message: string;
          retry_after_seconds?: number;
          task_id: string;
        };
        Returns: Database['public']['Enums']['task_status'];
      };
      hand_in_task: {
        Args: { asks_approval?: boolean; lease_token: string; result: string; task_id: string };
        Returns: Database['public']['Enums']['task_status'];
      };
      hand_on_task: {
        Args: {
          agent_name?: string;
          description: string;
          lease_token: string;
          step_number: number;
          task_id: string;
          title: string;
        };
        Returns: Json;
      };
      import_model_prices: {
        Args: { models: Json; prices: Json; source: string };
        Returns: {
          models_imported: number;
          prices_added: number;
        }[];
      };
      list_daily_costs: {
        Args: { from_day: string; organization_id: string; to_day: string };
        Returns: Json;
      };
      list_prices: {
        Args: { at?: string; organization_id: string };
        Returns: {
          cache_read_usd_per_mtok: string;
          cache_write_1h_usd_per_mtok: string;
          cache_write_5m_usd_per_mtok: string;
          context_tiers: Json;
          context_window: number;
          display_name: string;
          input_usd_per_mtok: string;
          is_own: boolean;
          model: string;
          output_usd_per_mtok: string;
          provider: string;
          valid_from: string;
        }[];
      };
      list_stale_objects: { Args: { bucket_id: string }; Returns: string[] };
      mail_report: { Args: { every?: string; saved_report_id: string }; Returns: string };
      mark_alerts_seen: { Args: { ids?: number[]; organization_id: string }; Returns: number };
      mark_notifications_read: { Args: { ids?: number[] }; Returns: number };
      mint_personal_key: {
        Args: { name: string; options?: Json; project_id: string };
        Returns: {
          id: string;
          key: string;
        }[];
      };
      mint_proxy_key: {
        Args: { name: string; options?: Json; project_id: string };
        Returns: {
          id: string;
          key: string;
        }[];
      };
      next_statement: {
        Args: { organization_id: string };
        Returns: {
          ends_at: string;
          is_over: boolean;
          month: string;
          starts_at: string;
        }[];
      };
      office_events_between: {
        Args: { first_seq?: number; from_at: string; organization_id: string; to_at: string };
        Returns: Json;
      };
      office_events_since: { Args: { organization_id: string; seq: number }; Returns: Json };
      office_state: { Args: { organization_id: string }; Returns: Json };
      open_in_app_reporting_role: {
        Args: { key_id: string; organization_id: string; verifier: string };
        Returns: string;
      };
      place_agent: { Args: { agent_id: string; x: number; y: number }; Returns: undefined };
      preview_repricing: {
        Args: { from_at: string; organization_id: string; to_at: string };
        Returns: {
          after_usd: string;
          before_usd: string;
          calls: number;
          model: string;
          provider: string;
        }[];
      };
      preview_statement: {
        Args: { organization_id: string };
        Returns: {
          calls: number;
          cost_usd: string;
          dimension: string;
          input_tokens: number;
          key: string;
          label: string;
          line: number;
          output_tokens: number;
          usage_month: string;
        }[];
      };
      read_alert_channel_secret: { Args: { id: string }; Returns: string };
      read_archive_part: {
        Args: { attempt: number; month: string; most_calls: number; organization_id: string };
        Returns: {
          calls: number;
          cost_usd: string;
          first_call_at: string;
          last_call_at: string;
          last_call_id: string;
          lines: string;
          part: number;
          path: string;
        }[];
      };
      read_board_records: { Args: { board_id: string; ids: string[]; user_id: string }; Returns: Json };
      read_event_secret: {
        Args: { id: string };
        Returns: {
          ciphertext: string;
          organization_id: string;
        }[];
      };
      read_for_agent: { Args: { organization_id: string; what: string }; Returns: Json };
      read_provider_credential_secret: {
        Args: { id: string };
        Returns: {
          ciphertext: string;
          organization_id: string;
          provider: string;
        }[];
      };
      read_step_call: { Args: { lease_token: string; step_number: number; task_id: string }; Returns: Json };
      reassign_task: { Args: { agent_id: string; id: string }; Returns: undefined };
      reconcile_days: {
        Args: { first_day: string; last_day: string; organization_id: string; provider: string };
        Returns: number;
      };
      record_alert_delivery: {
        Args: { at?: string; error?: string; id: string; is_final?: boolean; leased_until: string };
        Returns: string;
      };
      record_archive_part: {
        Args: {
          attempt: number;
          bytes: number;
          calls: number;
          cost_usd: string;
          first_call_at: string;
          last_call_at: string;
          last_call_id: string;
          month: string;
          organization_id: string;
          part: number;
          path: string;
          sha256: string;
        };
        Returns: undefined;
      };
      record_credential_test: { Args: { error?: string; id: string }; Returns: undefined };
      record_notification_mail: {
        Args: { at?: string; is_sent: boolean; leased_until: string; notification_id: number };
        Returns: undefined;
      };
      record_provider_event: {
        Args: { billing_key_id: string; event_id: string; lines: Json };
        Returns: boolean;
      };
      record_report_mail: {
        Args: {
          at?: string;
          error?: string;
          is_final?: boolean;
          leased_until: string;
          saved_report_id: string;
          user_id: string;
        };
        Returns: undefined;
      };
      register_internal_key: {
        Args: { key_hash: string; project_id: string; public_id: string };
        Returns: undefined;
      };
      release_task: { Args: { lease_token: string; task_id: string }; Returns: undefined };
      remove_member: {
        Args: { organization_id: string; revokes_keys?: boolean; user_id: string };
        Returns: undefined;
      };
      renew_task: {
        Args: {
          lease_seconds: number;
          lease_token: string;
          step_number?: number;
          step_text?: string;
          task_id: string;
        };
        Returns: undefined;
      };
      reprice_usage: {
        Args: { from_at: string; organization_id: string; to_at: string };
        Returns: {
          after_usd: string;
          before_usd: string;
          calls: number;
        }[];
      };
      request_budget_increase: {
        Args: { budget_id: string; limit_usd: number; reason: string };
        Returns: string;
      };
      restart_alert_delivery: { Args: { id: string }; Returns: undefined };
      restart_task: { Args: { id: string }; Returns: undefined };
      restore_archive_part: {
        Args: { lines: string; month: string; organization_id: string; part: number };
        Returns: number;
      };
      restore_usage_archive: { Args: { month: string; organization_id: string }; Returns: undefined };
      resume_alert_channel: { Args: { id: string }; Returns: undefined };
      return_task: { Args: { comment: string; id: string }; Returns: undefined };
      revoke_proxy_key: { Args: { id: string }; Returns: undefined };
      revoke_reporting_login: { Args: { id: string }; Returns: undefined };
      rotate_provider_credential: {
        Args: { ciphertext: string; id: string; last_four: string };
        Returns: undefined;
      };
      rotate_proxy_key: {
        Args: { grace: string; id: string };
        Returns: {
          key: string;
          previous_until: string;
        }[];
      };
      run_gateway_job: { Args: { verb: string }; Returns: number };
      save_board_snapshot: { Args: { board_id: string; name: string }; Returns: string };
      save_office_place: { Args: { organization_id: string; x: number; y: number }; Returns: undefined };
      service_health: { Args: Record<PropertyKey, never>; Returns: Json };
      service_metrics: {
        Args: Record<PropertyKey, never>;
        Returns: {
          labels: Json;
          metric: string;
          value: number;
        }[];
      };
      set_mail_preference: { Args: { is_wanted: boolean; kind: string }; Returns: undefined };
      set_rate_limit: {
        Args: {
          max_open_calls?: number;
          organization_id: string;
          requests_per_minute?: number;
          scope: string;
          scope_id: string;
          tokens_per_minute?: number;
        };
        Returns: undefined;
      };
      show_invitation: {
        Args: { token: string };
        Returns: {
          email: string;
          expires_at: string;
          invited_by_name: string;
          is_open: boolean;
          organization_name: string;
          role: string;
        }[];
      };
      show_rate_limits: {
        Args: { at?: string; organization_id: string };
        Returns: {
          id: string;
          max_open_calls: number | null;
          open_calls: number;
          organization_id: string;
          request_slots: number[];
          requests_per_minute: number | null;
          scope: string;
          scope_id: string;
          slot: number;
          token_slots: number[];
          tokens_per_minute: number | null;
        }[];
        SetofOptions: {
          from: '*';
          to: 'rate_limits';
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      spend_status: {
        Args: { organization_id: string };
        Returns: {
          as_of: string;
          budget_is_unlimited: boolean;
          budget_usd: string;
          first_call_at: string;
          held_usd: string;
          history_starts_at: string;
          month_calls: number;
          month_ends_at: string;
          month_started_at: string;
          month_usd: string;
          today_calls: number;
          today_started_at: string;
          today_usd: string;
          version: string;
        }[];
      };
      statement_csv: { Args: { id: string }; Returns: string };
      stop_task: { Args: { id: string }; Returns: undefined };
      store_alert_channel: {
        Args: {
          addresses?: string[];
          ciphertext?: string;
          id: string;
          kinds: string[];
          name: string;
          organization_id: string;
          type: string;
          url_host?: string;
        };
        Returns: string;
      };
      store_billing_key: {
        Args: {
          ciphertext: string;
          id: string;
          kind: string;
          last_four: string;
          organization_id: string;
          provider: string;
        };
        Returns: undefined;
      };
      store_provider_balance: {
        Args: { available_usd: number; billing_key_id: string; lease_until: string };
        Returns: undefined;
      };
      store_provider_credential: {
        Args: {
          ciphertext: string;
          id: string;
          last_four: string;
          name: string;
          organization_id: string;
          provider: string;
        };
        Returns: string;
      };
      store_provider_report: {
        Args: {
          billing_key_id: string;
          first_day: string;
          last_day: string;
          lease_until: string;
          lines: Json;
        };
        Returns: number;
      };
      summarize_usage: {
        Args: { from_at: string; organization_id: string; to_at: string };
        Returns: {
          cached_calls: number;
          calls: number;
          cost_usd: string;
          errors: number;
          input_tokens: number;
          latency_p95_ms: number;
          output_tokens: number;
          refusals: number;
          saved_usd: string;
        }[];
      };
      transfer_organization: { Args: { organization_id: string; user_id: string }; Returns: undefined };
      upgrade_board: {
        Args: {
          board_id: string;
          from_clock: number;
          records: Json;
          schema: Json;
          schema_version: number;
          user_id: string;
        };
        Returns: boolean;
      };
    };
    Enums: {
      call_status: 'reserved' | 'succeeded' | 'failed' | 'aborted' | 'refused' | 'expired';
      task_status: 'pending' | 'in_progress' | 'awaiting_approval' | 'completed' | 'failed' | 'cancelled';
      usage_source: 'reported' | 'estimated';
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema['Enums']
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema['CompositeTypes']
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {
      call_status: ['reserved', 'succeeded', 'failed', 'aborted', 'refused', 'expired'],
      task_status: ['pending', 'in_progress', 'awaiting_approval', 'completed', 'failed', 'cancelled'],
      usage_source: ['reported', 'estimated'],
    },
  },
} as const;
